#include "server/front/multipart.hpp"

#include "common/http/message.hpp"

namespace genq::front {

namespace {

constexpr std::size_t most_fields = 64;
constexpr std::size_t longest_boundary = 70;  // RFC 2046 §5.1.1

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// The value of a header's parameter, unquoted; "" if it is absent.
std::string parameter_of(std::string_view header, std::string_view name) {
    auto at = header.find(';');
    while (at != std::string_view::npos) {
        header.remove_prefix(at + 1);
        const auto equals = header.find('=');
        if (equals == std::string_view::npos) return {};
        const bool is_it = http::iequals(trimmed(header.substr(0, equals)), name);
        auto rest = trimmed(header.substr(equals + 1));
        std::string value;
        if (rest.starts_with('"')) {
            std::size_t i = 1;
            for (; i < rest.size() && rest[i] != '"'; ++i) {
                // Browsers write %22 and leave backslashes alone, others write \": both mean the quote.
                if (rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '"') ++i;
                value += rest[i];
            }
            rest.remove_prefix(std::min(i + 1, rest.size()));
        } else {
            value = trimmed(rest.substr(0, rest.find(';')));
        }
        if (is_it) return value;
        header = rest;
        at = header.find(';');
    }
    return {};
}

/// The part's header fields become its names; false if it has no name.
bool read_head(std::string_view head, Part& part) {
    while (!head.empty()) {
        const auto line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(line.size() + 2, head.size()));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        if (!http::iequals(line.substr(0, colon), "Content-Disposition")) continue;
        const auto value = line.substr(colon + 1);
        part.name = parameter_of(value, "name");
        part.filename = parameter_of(value, "filename");
    }
    return !part.name.empty();
}

}  // namespace

std::optional<std::vector<Part>> read_form(std::string_view content_type, std::string_view body) {
    if (!http::iequals(trimmed(content_type.substr(0, content_type.find(';'))), "multipart/form-data")) return {};
    const auto boundary = parameter_of(content_type, "boundary");
    if (boundary.empty() || boundary.size() > longest_boundary) return {};
    const std::string line = "--" + boundary;
    if (!body.starts_with(line)) {
        const auto first = body.find("\r\n" + line);  // a preamble may stand before it
        if (first == std::string_view::npos) return {};
        body.remove_prefix(first + 2);
    }
    body.remove_prefix(line.size());
    const std::string end = "\r\n" + line;
    std::vector<Part> parts;
    while (!body.starts_with("--")) {
        const auto break_at = body.find("\r\n");
        if (break_at == std::string_view::npos || !trimmed(body.substr(0, break_at)).empty()) return {};
        body.remove_prefix(break_at + 2);
        // No header at all is an empty line at once.
        const bool bare = body.starts_with("\r\n");
        const auto head_end = bare ? 0 : body.find("\r\n\r\n");
        if (head_end == std::string_view::npos) return {};
        Part part;
        if (!read_head(body.substr(0, head_end), part)) return {};
        body.remove_prefix(head_end + (bare ? 2 : 4));
        const auto close = body.find(end);
        if (close == std::string_view::npos || parts.size() == most_fields) return {};
        part.bytes = body.substr(0, close);
        parts.push_back(std::move(part));
        body.remove_prefix(close + end.size());
    }
    return parts;
}

}  // namespace genq::front
