#pragma once
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "common/http/address.hpp"
#include "common/http/transport.hpp"

namespace genq::http {

struct TransportOptions {
    std::string ca_file{};  ///< PEM; "" for the system's certificates
    std::uint64_t max_response_bytes = 8 << 20;
    std::string user_agent = "genqd";  ///< for requests that name none
    bool public_only = false;          ///< connections lead to public addresses alone, else errc::forbidden
    /// With public_only: the addresses that count as public, asked for each connection. Any thread. Empty: none.
    std::function<std::vector<AddressBlock>()> allowed{};
    std::string unix_socket{};  ///< set: connections lead to this socket, whatever the URL's host; not downloads
};

/// HTTP/1.1 over real sockets, plain and TLS 1.2 or newer (names checked, no early data). Sockets belong to
/// `io`, on which all callers run (each on an executor of its own). Idle connections are kept for two seconds.
class BeastTransport final : public Transport {
  public:
    /// Throws std::runtime_error when the CA certificates can't be used: a failed start.
    BeastTransport(boost::asio::io_context& io, Clock& clock, TransportOptions options = {});
    ~BeastTransport() override;

    [[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<Connection>>> connect(std::string url,
                                                                                      SteadyTime deadline) override;
    [[nodiscard]] boost::asio::awaitable<Result<Download>> download(DownloadRequest request, Sink& sink) override;
    /// Connections that wait for their next request.
    [[nodiscard]] std::size_t idle_connections() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;  // connections hold it too
};

}  // namespace genq::http
