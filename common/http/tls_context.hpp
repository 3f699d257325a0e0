#pragma once
#include <memory>
#include <string>

#include "common/core/error.hpp"

namespace boost::asio::ssl {
class context;
}

namespace genq::http {

/// Certificates and rules for TLS 1.2 and newer. Immutable once made; any thread.
class TlsContext {
  public:
    /// For listeners: a PEM chain and its key. errc::invalid_argument names the file that can't be used.
    [[nodiscard]] static Result<std::shared_ptr<TlsContext>> for_server(const std::string& cert_file,
                                                                        const std::string& key_file);
    /// Whether the file is a PEM chain, which for_server() tries first; errc::invalid_argument.
    [[nodiscard]] static Result<void> check_certificate(const std::string& cert_file);
    /// For outgoing connections: peers are verified against `ca_file`, or the system's store when that is "".
    [[nodiscard]] static Result<std::shared_ptr<TlsContext>> for_client(const std::string& ca_file);

    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    [[nodiscard]] boost::asio::ssl::context& native() { return *context_; }

  private:
    explicit TlsContext(std::unique_ptr<boost::asio::ssl::context> context);
    std::unique_ptr<boost::asio::ssl::context> context_;
};

}  // namespace genq::http
