#pragma once
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string_view>

namespace genq::http {

/// False for addresses that are not meant for the open internet: loopback, private, link-local, CGNAT, multicast,
/// documentation, benchmarking, reserved (the special-purpose registries of RFC 6890 at IANA), and for IPv6 forms that
/// carry such an IPv4 address (mapped, NAT64, 6to4). What a download may connect to.
[[nodiscard]] bool is_public_address(const boost::asio::ip::address& address);

/// Addresses with the same first bits.
struct AddressBlock {
    boost::asio::ip::address first{};
    unsigned bits = 0;

    /// An IPv4 address that is mapped into IPv6 counts as itself.
    [[nodiscard]] bool holds(boost::asio::ip::address address) const;
};

/// Reads "10.0.0.0/8", "fd00::/8", or one address. nullopt for anything else.
[[nodiscard]] std::optional<AddressBlock> parse_address_block(std::string_view text);

}  // namespace genq::http
