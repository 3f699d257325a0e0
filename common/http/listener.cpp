#include "common/http/listener.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <charconv>
#include <cstring>

namespace genq::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Listeners = std::vector<std::unique_ptr<Listener>>;

namespace {

constexpr mode_t unix_mode = 0660;

std::unexpected<Error> refuse(const std::string& address, const std::string& why) {
    return fail(errc::invalid_argument, fmt::format("can't listen on {}: {}", address, why));
}

std::unexpected<Error> io_error(const std::string& address, const ErrorCode& error) {
    return fail(errc::io, fmt::format("can't listen on {}: {}", address, error.message()));
}

/// A socket file that nobody listens on any more is left from a crash; one that answers is in use.
Result<void> remove_stale(const std::string& address, const std::string& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return {};
    if (!S_ISSOCK(status.st_mode)) return refuse(address, "the path exists and is no socket");
    asio::io_context io;
    asio::local::stream_protocol::socket probe(io);
    ErrorCode error;
    probe.connect(asio::local::stream_protocol::endpoint(path), error);
    if (!error) return fail(errc::io, fmt::format("can't listen on {}: another process does", address));
    if (error == asio::error::connection_refused && ::unlink(path.c_str()) == 0) return {};
    return io_error(address, error);
}

Result<std::unique_ptr<Listener>> listen_unix(const asio::any_io_executor& executor, const std::string& address) {
    const std::string path = address.substr(std::strlen("unix:"));
    if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) return refuse(address, "the path's length");
    if (auto done = remove_stale(address, path); !done) return std::unexpected(std::move(done.error()));
    Acceptor acceptor(executor);
    ErrorCode error;
    acceptor.open({AF_UNIX, 0}, error);
    if (!error) acceptor.bind(asio::local::stream_protocol::endpoint(path), error);
    if (error) return io_error(address, error);
    auto listener = std::make_unique<Listener>(std::move(acceptor), address, path);
    // Nobody can connect before listen(), so there is no moment with other rights.
    if (::chmod(path.c_str(), unix_mode) != 0) error.assign(errno, boost::system::system_category());
    if (!error) listener->acceptor().listen(asio::socket_base::max_listen_connections, error);
    if (error) return io_error(address, error);
    return listener;
}

Result<std::unique_ptr<Listener>> listen_tcp(const asio::any_io_executor& executor, const std::string& address,
                                             const tcp::endpoint& endpoint) {
    Acceptor acceptor(executor);
    ErrorCode error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return io_error(address, error);
    std::string name = endpoint_name(acceptor.local_endpoint(error));
    if (error) return io_error(address, error);
    return std::make_unique<Listener>(std::move(acceptor), std::move(name), "");
}

std::uint16_t port_of(const Listener& listener) {
    const std::string& name = listener.name();
    std::uint16_t port = 0;
    std::from_chars(name.data() + name.rfind(':') + 1, name.data() + name.size(), port);
    return port;
}

/// Both loopback addresses, on the same port. A machine without IPv6 has one.
Result<Listeners> listen_localhost(const asio::any_io_executor& executor, const std::string& address,
                                   std::uint16_t port) {
    Listeners out;
    auto v4 = listen_tcp(executor, address, {asio::ip::address_v4::loopback(), port});
    if (!v4) return std::unexpected(std::move(v4.error()));
    const std::uint16_t same = port_of(**v4);
    out.push_back(std::move(*v4));
    auto v6 = listen_tcp(executor, address, {asio::ip::address_v6::loopback(), same});
    if (v6) out.push_back(std::move(*v6));
    return out;
}

Result<std::uint16_t> parse_port(const std::string& address, std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return refuse(address, "the port is not a number up to 65535");
    }
    return port;
}

}  // namespace

Listener::~Listener() {
    close();
}

void Listener::close() {
    ErrorCode ignored;
    acceptor_.close(ignored);
    if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
    unix_path_.clear();
}

Result<Listeners> listen_on(const asio::any_io_executor& executor, const std::string& address) {
    Listeners out;
    if (address.starts_with("unix:")) {
        auto listener = listen_unix(executor, address);
        if (!listener) return std::unexpected(std::move(listener.error()));
        out.push_back(std::move(*listener));
        return out;
    }
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos) return refuse(address, "it is not ADDRESS:PORT or unix:PATH");
    const auto port = parse_port(address, std::string_view(address).substr(colon + 1));
    if (!port) return std::unexpected(port.error());
    std::string host = address.substr(0, colon);
    if (host == "localhost") return listen_localhost(executor, address, *port);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    ErrorCode error;
    const auto ip = asio::ip::make_address(host, error);
    if (error || ip.is_v6() != bracketed) return refuse(address, "it is neither an IP address nor localhost");
    auto listener = listen_tcp(executor, address, {ip, *port});
    if (!listener) return std::unexpected(std::move(listener.error()));
    out.push_back(std::move(*listener));
    return out;
}

std::string endpoint_name(const asio::generic::stream_protocol::endpoint& endpoint) {
    tcp::endpoint ip;
    const int family = endpoint.protocol().family();
    if ((family != AF_INET && family != AF_INET6) || endpoint.size() > ip.capacity()) return "unix";
    std::memcpy(ip.data(), endpoint.data(), endpoint.size());
    const bool v6 = family == AF_INET6;
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", ip.address().to_string(), v6 ? "]" : "", ip.port());
}

}  // namespace genq::http
