#include "server/sandbox/multipart.hpp"

#include "common/http/message.hpp"

namespace genq::sandbox {
namespace {

constexpr std::size_t most_parts = 64;

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// The value of a parameter of a header field, without its quotes: `name` in `form-data; name="a"`.
std::string parameter(std::string_view field, std::string_view name) {
    std::size_t at = field.find(';');
    while (at != std::string_view::npos && at < field.size()) {
        const auto equals = field.find('=', at);
        if (equals == std::string_view::npos) return "";
        const auto found = trim(field.substr(at + 1, equals - at - 1));
        std::string value;
        std::size_t end = equals + 1;
        if (end < field.size() && field[end] == '"') {
            for (++end; end < field.size() && field[end] != '"'; ++end) {
                if (field[end] == '\\' && end + 1 < field.size()) ++end;
                value.push_back(field[end]);
            }
            at = field.find(';', end);
        } else {
            at = field.find(';', end);
            value = trim(field.substr(end, at == std::string_view::npos ? at : at - end));
        }
        if (http::iequals(found, name)) return value;
    }
    return "";
}

Part read_part(std::string_view head, std::string_view content) {
    Part part;
    part.content = content;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const auto line = head.substr(0, end);
        head = end == std::string_view::npos ? std::string_view() : head.substr(end + 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const auto value = trim(line.substr(colon + 1));
        if (http::iequals(line.substr(0, colon), "Content-Disposition")) {
            part.name = parameter(value, "name");
            part.file_name = parameter(value, "filename");
        }
        if (http::iequals(line.substr(0, colon), "Content-Type")) part.content_type = value;
    }
    return part;
}

}  // namespace

std::optional<std::vector<Part>> read_multipart(std::string_view content_type, std::string_view body) {
    if (!http::iequals(trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data")) {
        return std::nullopt;
    }
    const auto boundary = parameter(content_type, "boundary");
    if (boundary.empty() || boundary.size() > 70) return std::nullopt;
    const auto opening = "--" + boundary;
    const auto between = "\r\n" + opening;
    std::vector<Part> parts;
    std::size_t at = 0;
    if (!body.starts_with(opening)) {
        const auto first = body.find(between);
        if (first == std::string_view::npos) return std::nullopt;
        at = first + 2;
    }
    at += opening.size();
    while (parts.size() <= most_parts) {
        if (body.substr(at, 2) == "--") return parts;
        if (body.substr(at, 2) != "\r\n") return std::nullopt;
        const auto end = body.find(between, at);
        // A part without header fields starts with an empty line right away.
        const auto head_end = body.find("\r\n\r\n", at);
        if (end == std::string_view::npos || head_end == std::string_view::npos || head_end + 4 > end) {
            return std::nullopt;
        }
        const auto head = head_end > at + 2 ? body.substr(at + 2, head_end - at - 2) : std::string_view();
        parts.push_back(read_part(head, body.substr(head_end + 4, end - head_end - 4)));
        at = end + between.size();
    }
    return std::nullopt;
}

}  // namespace genq::sandbox
