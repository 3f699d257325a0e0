#include "common/http/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace genq::http {

namespace ip = boost::asio::ip;

namespace {

struct BlockV4 {
    std::uint32_t prefix;
    int bits;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) {
    return a << 24 | b << 16 | c << 8 | d;
}

constexpr std::array<BlockV4, 17> closed_v4{{
    {v4(0, 0, 0, 0), 8},        // "this network"
    {v4(10, 0, 0, 0), 8},       // private
    {v4(100, 64, 0, 0), 10},    // carrier-grade NAT
    {v4(127, 0, 0, 0), 8},      // loopback
    {v4(169, 254, 0, 0), 16},   // link-local, cloud metadata
    {v4(172, 16, 0, 0), 12},    // private
    {v4(192, 0, 0, 0), 24},     // protocol assignments
    {v4(192, 0, 2, 0), 24},     // documentation
    {v4(192, 31, 196, 0), 24},  // AS112
    {v4(192, 52, 193, 0), 24},  // AMT
    {v4(192, 88, 99, 0), 24},   // 6to4 relays
    {v4(192, 168, 0, 0), 16},   // private
    {v4(198, 18, 0, 0), 15},    // benchmarking
    {v4(198, 51, 100, 0), 24},  // documentation
    {v4(203, 0, 113, 0), 24},   // documentation
    {v4(224, 0, 0, 0), 4},      // multicast
    {v4(240, 0, 0, 0), 4},      // reserved, broadcast
}};

bool is_public_v4(std::uint32_t address) {
    return std::ranges::none_of(
        closed_v4, [&](const BlockV4& block) { return (address ^ block.prefix) >> (32 - block.bits) == 0; });
}

bool is_public_v6(const ip::address_v6::bytes_type& b) {
    const auto embedded = [&](std::size_t at) { return is_public_v4(v4(b[at], b[at + 1], b[at + 2], b[at + 3])); };
    const auto zeros = [&](std::size_t from, std::size_t to) {
        return std::all_of(b.begin() + static_cast<std::ptrdiff_t>(from), b.begin() + static_cast<std::ptrdiff_t>(to),
                           [](unsigned char byte) { return byte == 0; });
    };
    if (zeros(0, 10) && b[10] == 0xff && b[11] == 0xff) return embedded(12);  // ::ffff:0:0/96, mapped
    if (b[0] == 0 && b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b) {          // 64:ff9b::/96, NAT64
        return zeros(4, 12) && embedded(12);
    }
    if ((b[0] & 0xe0) != 0x20) return false;                                         // outside 2000::/3: none is global
    if (b[0] == 0x20 && b[1] == 0x01 && b[2] < 0x02) return false;                   // 2001::/23, Teredo, ORCHID, …
    if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8) return false;  // 2001:db8::/32, documentation
    if (b[0] == 0x20 && b[1] == 0x02) return embedded(2);                            // 2002::/16, 6to4
    if (b[0] == 0x3f && b[1] == 0xff && b[2] < 0x10) return false;                   // 3fff::/20, documentation
    return true;
}

}  // namespace

bool is_public_address(const ip::address& address) {
    return address.is_v4() ? is_public_v4(address.to_v4().to_uint()) : is_public_v6(address.to_v6().to_bytes());
}

bool AddressBlock::holds(ip::address address) const {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
    }
    if (address.is_v4() != first.is_v4()) return false;
    const auto same = [this](const auto& a, const auto& b) {
        for (unsigned i = 0; i < bits; ++i) {
            const unsigned mask = 0x80U >> i % 8;
            if (((a[i / 8] ^ b[i / 8]) & mask) != 0) return false;
        }
        return true;
    };
    return first.is_v4() ? same(first.to_v4().to_bytes(), address.to_v4().to_bytes())
                         : same(first.to_v6().to_bytes(), address.to_v6().to_bytes());
}

std::optional<AddressBlock> parse_address_block(std::string_view text) {
    const auto slash = text.find('/');
    boost::system::error_code error;
    AddressBlock block{ip::make_address(std::string(text.substr(0, slash)), error), 0};
    if (error) return std::nullopt;
    // Such addresses are held against blocks of IPv4, so that this one would hold none.
    if (block.first.is_v6() && block.first.to_v6().is_v4_mapped()) return std::nullopt;
    const unsigned all = block.first.is_v4() ? 32 : 128;
    block.bits = all;
    if (slash == std::string_view::npos) return block;
    const auto number = text.substr(slash + 1);
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), block.bits);
    if (fault != std::errc() || end != number.data() + number.size() || block.bits > all) return std::nullopt;
    return block;
}

}  // namespace genq::http
