#pragma once
#include "common/http/tls_context.hpp"
#include "common/http/transport.hpp"

namespace genq::http {

/// Transport::download() over real sockets. All references must outlive it.
[[nodiscard]] boost::asio::awaitable<Result<Download>> run_download(boost::asio::any_io_executor executor, Clock& clock,
                                                                    TlsContext& tls, const std::string& user_agent,
                                                                    DownloadRequest request, Sink& sink);

/// A Content-Range of bytes (RFC 9110 §14.4).
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> total;
};
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view text);

}  // namespace genq::http
