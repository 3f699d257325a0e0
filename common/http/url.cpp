#include "common/http/url.hpp"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <charconv>

#include "common/http/message.hpp"

namespace genq::http {

namespace urls = boost::urls;

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

std::uint16_t default_port(std::string_view scheme) {
    return scheme == "https" ? 443 : 80;
}

/// The part of an absolute-form target that origin-form would have; the target itself if it is none.
std::string_view without_authority(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!iequals(target.substr(0, scheme.size()), scheme)) continue;
        const std::size_t path = target.find_first_of("/?", scheme.size());
        if (path == std::string_view::npos) return "/";
        return target.substr(path);
    }
    return target;
}

Result<void> split_path(std::string_view path, std::vector<std::string>& out) {
    if (path == "/") return {};
    for (;;) {
        path.remove_prefix(1);  // the slash
        const std::size_t end = path.find('/');
        const bool last = end == std::string_view::npos;
        auto segment = percent_decode(path.substr(0, end));
        if (!segment) return std::unexpected(std::move(segment.error()));
        // A dot segment is one in its decoded form as well; above the root there is nothing (RFC 3986 §5.2.4).
        const bool up = *segment == "..";
        if (up && !out.empty()) out.pop_back();
        if (!up && *segment != ".") {
            out.push_back(std::move(*segment));
        } else if (last && !out.empty()) {
            out.emplace_back();
        }
        if (last) return {};
        path.remove_prefix(end);
    }
}

Result<void> split_query(std::string_view query, std::vector<std::pair<std::string, std::string>>& out) {
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
        if (!name) return std::unexpected(std::move(name.error()));
        if (!value) return std::unexpected(std::move(value.error()));
        out.emplace_back(std::move(*name), std::move(*value));
    }
    return {};
}

}  // namespace

std::string Url::authority() const {
    const bool v6 = host.contains(':');
    const std::string name = v6 ? "[" + host + "]" : host;
    return port == default_port(scheme) ? name : fmt::format("{}:{}", name, port);
}

std::string Url::origin() const {
    return scheme + "://" + authority();
}

Result<Url> parse_url(std::string_view text) {
    const auto refuse = [](const char* why) { return fail(errc::invalid_argument, why); };
    const auto parsed = urls::parse_uri({text.data(), text.size()});
    if (!parsed) return refuse("not an absolute URL");
    const urls::url_view& view = *parsed;
    if (view.scheme_id() != urls::scheme::http && view.scheme_id() != urls::scheme::https) {
        return refuse("not an http or https URL");
    }
    if (view.has_userinfo()) return refuse("a URL with user information is refused");
    Url url;
    url.scheme = view.scheme_id() == urls::scheme::https ? "https" : "http";
    url.host = view.host();
    if (url.host.starts_with('[') && url.host.ends_with(']')) url.host = url.host.substr(1, url.host.size() - 2);
    for (char& c : url.host) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '/') return refuse("the URL's host is malformed");
    }
    if (url.host.empty()) return refuse("the URL has no host");
    url.port = default_port(url.scheme);
    if (view.has_port() && !view.port().empty()) {
        const auto port = view.port();
        unsigned number = 0;
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (error != std::errc() || number == 0 || number > 65535) return refuse("the URL's port is out of range");
        url.port = static_cast<std::uint16_t>(number);
    }
    const std::string path(view.encoded_path());
    url.target = path.empty() ? "/" : path;
    if (view.has_query()) {
        url.target += '?';
        url.target += std::string_view(view.encoded_query().data(), view.encoded_query().size());
    }
    return url;
}

Result<std::string> resolve_reference(std::string_view base, std::string_view reference) {
    const auto base_url = urls::parse_uri({base.data(), base.size()});
    const auto reference_url = urls::parse_uri_reference({reference.data(), reference.size()});
    if (!base_url || !reference_url) return fail(errc::malformed, "the redirection's Location is no URL");
    urls::url out;
    const auto resolved = urls::resolve(*base_url, *reference_url, out);
    if (!resolved) return fail(errc::malformed, "the redirection's Location can't be resolved");
    return std::string(out.buffer());
}

std::string percent_encode(std::string_view text) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    if (text.find_first_of(plus_is_space ? "%+" : "%") == std::string_view::npos) return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const bool whole = text.size() - i > 2;
            const int high = whole ? hex_value(text[i + 1]) : -1;
            const int low = whole ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) return fail(errc::invalid_argument, "broken percent-encoding");
            const int byte = high * 16 + low;
            if (byte == 0) return fail(errc::invalid_argument, "an encoded NUL");
            out += static_cast<char>(byte);
            i += 2;
        }
    }
    return out;
}

std::optional<std::string_view> Target::find(std::string_view name) const {
    for (const auto& [key, value] : query) {
        if (key == name) return value;
    }
    return std::nullopt;
}

Result<Target> split_target(std::string_view target) {
    target = without_authority(target);
    target = target.substr(0, target.find('#'));
    const std::size_t question = target.find('?');
    const std::string_view path = question == 0 ? "/" : target.substr(0, question);
    if (!path.starts_with('/')) return fail(errc::invalid_argument, "the target is not a path");
    Target out;
    if (auto done = split_path(path, out.segments); !done) return std::unexpected(std::move(done.error()));
    if (question != std::string_view::npos) {
        if (auto done = split_query(target.substr(question + 1), out.query); !done) {
            return std::unexpected(std::move(done.error()));
        }
    }
    return out;
}

}  // namespace genq::http
