#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <string>
#include <vector>

#include "common/core/error.hpp"
#include "common/http/stream.hpp"

namespace genq::http {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

/// A socket that listens. A Unix socket's file is removed on destruction.
class Listener {
  public:
    Listener(Acceptor acceptor, std::string name, std::string unix_path)
        : acceptor_(std::move(acceptor)), name_(std::move(name)), unix_path_(std::move(unix_path)) {}
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    [[nodiscard]] Acceptor& acceptor() { return acceptor_; }
    /// "127.0.0.1:41234", "[::1]:8080" or "unix:/run/x.sock", the port filled in.
    [[nodiscard]] const std::string& name() const { return name_; }
    /// Stops listening and removes the socket's file.
    void close();

  private:
    Acceptor acceptor_;
    std::string name_;
    std::string unix_path_;
};

/// Binds and listens on an address of ServerOptions::listen; "localhost" gives one listener for each loopback address
/// that the machine has. errc::invalid_argument, errc::io; each names the address.
[[nodiscard]] Result<std::vector<std::unique_ptr<Listener>>> listen_on(const boost::asio::any_io_executor& executor,
                                                                       const std::string& address);

/// "127.0.0.1:40112", "[::1]:40112" or "unix".
[[nodiscard]] std::string endpoint_name(const boost::asio::generic::stream_protocol::endpoint& endpoint);

}  // namespace genq::http
