#pragma once
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "common/http/response_reader.hpp"
#include "common/http/stream.hpp"
#include "common/http/transport.hpp"
#include "common/http/url.hpp"

namespace genq::http {

/// The request line and header as they go out. errc::invalid_argument for a method or field that holds control
/// characters. Content-Length, Host and Connection are ours.
[[nodiscard]] Result<std::string> write_request_head(const ClientRequest& request, const Url& url,
                                                     std::string_view user_agent, bool close);

/// A stream and what was read from it and not yet used.
struct ClientStream {
    std::unique_ptr<Stream> stream;
    std::vector<char> buffer = std::vector<char>(16 << 10);
    std::string_view rest{};  ///< into `buffer`
};

/// Head, request and stream, whose written() tells how far it came, must live until it returns.
/// errc::connection_lost, and what the request's source fails with. Like the functions below it throws for nothing and
/// must end when its stream's operations are cancelled.
[[nodiscard]] boost::asio::awaitable<Result<bool>> write_request(Stream& stream, std::string_view head,
                                                                 const ClientRequest& request);
/// Reads until the header of the answer is there. The value is true.
[[nodiscard]] boost::asio::awaitable<Result<bool>> read_header(ClientStream& from, ResponseReader& reader);
/// Reads once and hands what came to the reader. The value is false when the answer is whole. errc::connection_lost
/// when it ended too early: by a close without close_notify (TLS) as well.
[[nodiscard]] boost::asio::awaitable<Result<bool>> read_more(ClientStream& from, ResponseReader& reader);

}  // namespace genq::http
