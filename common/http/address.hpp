#pragma once
#include <boost/asio/ip/address.hpp>

namespace genq::http {

/// False for addresses that are not meant for the open internet: loopback, private, link-local, CGNAT, multicast,
/// documentation, benchmarking, reserved (the special-purpose registries of RFC 6890 at IANA), and for IPv6 forms that
/// carry such an IPv4 address (mapped, NAT64, 6to4). What a download may connect to.
[[nodiscard]] bool is_public_address(const boost::asio::ip::address& address);

}  // namespace genq::http
