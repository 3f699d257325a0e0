#include "server/front/multipart.hpp"

#include <algorithm>

#include "common/http/message.hpp"

namespace genq::front {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_fields = 64;
constexpr std::size_t most_head = 16 << 10;   // of a preamble or a field's header
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

/// The header lines of a field become its names; false if it has no name.
bool read_head(std::string_view head, FormReader::Field& field) {
    while (!head.empty()) {
        const auto line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(line.size() + 2, head.size()));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        if (!http::iequals(line.substr(0, colon), "Content-Disposition")) continue;
        const auto value = line.substr(colon + 1);
        field.name = parameter_of(value, "name");
        field.filename = parameter_of(value, "filename");
    }
    return !field.name.empty();
}

}  // namespace

FormReader::FormReader(std::string_view content_type, std::string body, http::BodyReader* stream)
    : buffer_("\r\n" + std::move(body)), stream_(stream) {
    const bool is_form = http::iequals(trimmed(content_type.substr(0, content_type.find(';'))), "multipart/form-data");
    const auto boundary = parameter_of(content_type, "boundary");
    if (is_form && !boundary.empty() && boundary.size() <= longest_boundary) delimiter_ = "\r\n--" + boundary;
}

asio::awaitable<Result<bool>> FormReader::fill() {
    if (stream_ == nullptr) co_return false;
    auto piece = co_await stream_->next();
    if (!piece) co_return std::unexpected(piece.error());
    if (piece->empty()) stream_ = nullptr;
    buffer_ += *piece;
    co_return !piece->empty();
}

asio::awaitable<Result<std::size_t>> FormReader::find(std::string_view text, std::size_t at_most) {
    std::size_t from = 0;
    for (;;) {
        if (const auto at = buffer_.find(text, from); at != std::string::npos) co_return at;
        if (buffer_.size() > at_most) break;
        from = buffer_.size() < text.size() ? 0 : buffer_.size() - text.size() + 1;
        const auto more = co_await fill();
        if (!more) co_return std::unexpected(more.error());
        if (!*more) break;
    }
    co_return fail(errc::malformed, "the body is no multipart/form-data");
}

asio::awaitable<Result<std::optional<FormReader::Field>>> FormReader::next() {
    if (delimiter_.empty()) co_return fail(errc::malformed, "the body is no multipart/form-data");
    while (in_field_) {
        const auto skipped = co_await read();
        if (!skipped) co_return std::unexpected(skipped.error());
    }
    if (fields_ == 0) {
        // A preamble may stand before the first.
        const auto first = co_await find(delimiter_, most_head);
        if (!first) co_return std::unexpected(first.error());
        buffer_.erase(0, *first + delimiter_.size());
    }
    // What follows a delimiter: its line's end, or "--" behind the last field.
    const auto line = co_await find("\r\n", most_head);
    if (buffer_.starts_with("--")) co_return std::nullopt;
    if (!line) co_return std::unexpected(line.error());
    if (!trimmed(std::string_view(buffer_).substr(0, *line)).empty() || ++fields_ > most_fields) {
        co_return fail(errc::malformed, "the body is no multipart/form-data");
    }
    buffer_.erase(0, *line);  // so that no header at all is an empty line at once
    const auto end = co_await find("\r\n\r\n", most_head);
    if (!end) co_return std::unexpected(end.error());
    Field field;
    if (!read_head(std::string_view(buffer_).substr(2, *end < 2 ? 0 : *end - 2), field)) {
        co_return fail(errc::malformed, "a field of the form has no name");
    }
    buffer_.erase(0, *end + 4);
    in_field_ = true;
    co_return field;
}

asio::awaitable<Result<std::string>> FormReader::read() {
    while (in_field_) {
        const auto at = buffer_.find(delimiter_);
        if (at == 0) {
            buffer_.erase(0, delimiter_.size());
            in_field_ = false;
            break;
        }
        // What may be the delimiter's beginning is not given out yet.
        const auto sure = buffer_.size() - std::min(buffer_.size(), delimiter_.size() - 1);
        if (const auto bytes = at != std::string::npos ? at : sure; bytes > 0) {
            auto piece = buffer_.substr(0, bytes);
            buffer_.erase(0, bytes);
            co_return piece;
        }
        const auto more = co_await fill();
        if (!more) co_return std::unexpected(more.error());
        if (!*more) co_return fail(errc::malformed, "the form breaks off");
    }
    co_return std::string();
}

}  // namespace genq::front
