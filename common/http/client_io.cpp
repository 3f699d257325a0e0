#include "common/http/client_io.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

namespace genq::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t piece_bytes = 256 << 10;

bool is_clean(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_ours(std::string_view name) {
    return iequals(name, "Host") || iequals(name, "Content-Length") || iequals(name, "Connection") ||
           iequals(name, "Transfer-Encoding");
}

bool has_body(const ClientRequest& request) {
    return request.body_bytes() > 0 || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
}

std::unexpected<Error> lost(const boost::system::error_code& error) {
    return fail(errc::connection_lost, "the connection was lost: " + error.message());
}

}  // namespace

Result<std::string> write_request_head(const ClientRequest& request, const Url& url, std::string_view user_agent,
                                       bool close) {
    const bool token = !request.method.empty() && request.method.find_first_of(" \t") == std::string::npos;
    if (!token || !is_clean(request.method)) return fail(errc::invalid_argument, "the method is not a word");
    std::string out = request.method + ' ' + url.target + " HTTP/1.1\r\nHost: " + url.authority();
    if (!request.headers.has("User-Agent")) (out += "\r\nUser-Agent: ") += user_agent;
    if (has_body(request)) (out += "\r\nContent-Length: ") += std::to_string(request.body_bytes());
    if (close) out += "\r\nConnection: close";
    for (const auto& [name, value] : request.headers) {
        if (!is_clean(name) || !is_clean(value) || name.contains(':')) {
            return fail(errc::invalid_argument, "a header field holds a control character");
        }
        if (!is_ours(name)) ((out += "\r\n").append(name) += ": ") += value;
    }
    return out += "\r\n\r\n";
}

asio::awaitable<Result<bool>> write_request(Stream& stream, std::string_view head, const ClientRequest& request) {
    co_await asio::this_coro::throw_if_cancelled(false);
    const std::string_view body = request.source ? std::string_view() : request.body;
    const std::size_t done = stream.write_now(head, body, request.source != nullptr);
    if (done < head.size() + body.size()) {
        const IoResult result = co_await stream.write(head, body, done);
        if (result.error) co_return lost(result.error);
    }
    if (!request.source) co_return true;
    for (std::uint64_t sent = 0; sent < request.source->size();) {
        const auto piece = co_await request.source->read(sent, piece_bytes);
        if (!piece) co_return std::unexpected(piece.error());
        const IoResult result = co_await stream.write(*piece, {}, 0);
        if (result.error) co_return lost(result.error);
        sent += piece->size();
    }
    co_return true;
}

asio::awaitable<Result<bool>> read_header(ClientStream& from, ResponseReader& reader) {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!reader.header_done()) {
        const auto more = co_await read_more(from, reader);
        if (!more) co_return more;
    }
    co_return true;
}

asio::awaitable<Result<bool>> read_more(ClientStream& from, ResponseReader& reader) {
    co_await asio::this_coro::throw_if_cancelled(false);
    if (reader.done()) co_return false;
    // What is left is the start of something that was not whole: it moves to the front and more is read behind it.
    std::ranges::copy(from.rest, from.buffer.begin());
    const std::size_t kept = from.rest.size();
    if (kept == from.buffer.size()) from.buffer.resize(kept * 2);
    const IoResult result =
        co_await from.stream->read_some(asio::buffer(from.buffer.data() + kept, from.buffer.size() - kept));
    if (result.error == asio::error::eof) {
        if (const auto ended = reader.put_end(); !ended) co_return std::unexpected(ended.error());
        from.rest = {};
        co_return false;
    }
    if (result.error) co_return lost(result.error);
    from.rest = {from.buffer.data(), kept + result.bytes};
    const auto used = reader.put(from.rest);
    if (!used) co_return std::unexpected(used.error());
    from.rest.remove_prefix(*used);
    co_return !reader.done();
}

}  // namespace genq::http
