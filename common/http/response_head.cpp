#include "common/http/response_head.hpp"

#include <boost/beast/http/status.hpp>
#include <charconv>

namespace genq::http {
namespace {

void append_number(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), end);
}

bool is_the_sessions(std::string_view name) {
    switch (name.size()) {
        case 4:
            return iequals(name, "Date");
        case 6:
            return iequals(name, "Server");
        case 10:
            return iequals(name, "Connection");
        case 14:
            return iequals(name, "Content-Length");
        case 17:
            return iequals(name, "Transfer-Encoding");
        default:
            return false;
    }
}

bool breaks_line(char c) {
    return c == '\r' || c == '\n' || c == '\0';
}

void append_clean(std::string& out, std::string_view text) {
    if (std::ranges::none_of(text, breaks_line)) {
        out += text;
        return;
    }
    for (const char c : text) out += breaks_line(c) ? ' ' : c;
}

bool has_no_body(int status) {
    return status < 200 || status == 204 || status == 304;
}

}  // namespace

bool has_live_body(const Response& response) {
    return std::holds_alternative<std::unique_ptr<LiveBody>>(response.body);
}

std::uint64_t body_length(const Response& response) {
    if (const auto* file = std::get_if<FileBody>(&response.body)) return file->length;
    return std::get<std::string>(response.body).size();
}

bool sends_body(const Response& response, bool head_request) {
    if (head_request || has_no_body(response.status)) return false;
    return has_live_body(response) || body_length(response) > 0;
}

void write_head(std::string& out, const Response& response, const HeadOptions& options) {
    out = "HTTP/1.1 ";
    append_number(out, static_cast<std::uint64_t>(response.status));
    out += ' ';
    out += reason_phrase(response.status);
    out += "\r\nServer: genqd\r\nDate: ";
    out += options.date;
    if (has_live_body(response)) {
        if (!options.http_1_0) out += "\r\nTransfer-Encoding: chunked";
    } else if (!has_no_body(response.status)) {
        out += "\r\nContent-Length: ";
        append_number(out, body_length(response));
    }
    if (options.close) {
        out += "\r\nConnection: close";
    } else if (options.http_1_0) {
        out += "\r\nConnection: keep-alive";
    }
    for (const auto& [name, value] : response.headers) {
        if (is_the_sessions(name)) continue;
        out += "\r\n";
        append_clean(out, name);
        out += ": ";
        append_clean(out, value);
    }
    out += "\r\n\r\n";
}

std::string_view reason_phrase(int status) {
    const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
    if (reason == "<unknown-status>") return "";
    return {reason.data(), reason.size()};
}

}  // namespace genq::http
