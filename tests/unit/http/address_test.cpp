#include "common/http/address.hpp"

#include <gtest/gtest.h>

namespace genq::http {
namespace {

TEST(IsPublicAddress, knows_the_closed_blocks) {
    for (const char* text : {"0.0.0.0",         "0.1.2.3",          "10.0.0.1",     "100.64.0.1",
                             "100.127.255.255", "127.0.0.1",        "127.255.0.1",  "169.254.169.254",
                             "172.16.0.1",      "172.31.255.255",   "192.0.0.1",    "192.0.2.1",
                             "192.88.99.1",     "192.168.1.1",      "198.18.0.1",   "198.19.255.255",
                             "198.51.100.7",    "203.0.113.7",      "224.0.0.1",    "239.1.1.1",
                             "240.0.0.1",       "255.255.255.255",  "::",           "::1",
                             "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1",  "64:ff9b::10.0.0.1",
                             "64:ff9b:1::1",    "100::1",           "2001::1",      "2001:10::1",
                             "2001:db8::1",     "2002:7f00:1::",    "2002:a00:1::", "3fff::1",
                             "fc00::1",         "fd12::1",          "fe80::1",      "fec0::1",
                             "ff02::1",         "4000::1"}) {
        EXPECT_FALSE(is_public_address(boost::asio::ip::make_address(text))) << text;
    }
}

TEST(IsPublicAddress, lets_the_internet_through) {
    for (const char* text : {"1.1.1.1",
                             "8.8.8.8",
                             "9.255.255.255",
                             "11.0.0.0",
                             "100.63.255.255",
                             "100.128.0.0",
                             "126.255.255.255",
                             "172.15.255.255",
                             "172.32.0.0",
                             "192.0.1.1",
                             "192.167.0.1",
                             "198.17.255.255",
                             "198.20.0.0",
                             "223.255.255.255",
                             "::ffff:8.8.8.8",
                             "64:ff9b::8.8.8.8",
                             "2001:4860:4860::8888",
                             "2606:4700::1111",
                             "2002:808:808::",
                             "2a00::1"}) {
        EXPECT_TRUE(is_public_address(boost::asio::ip::make_address(text))) << text;
    }
}

TEST(AddressBlock, holds_the_addresses_with_its_first_bits) {
    const auto holds = [](const char* block, const char* address) {
        return parse_address_block(block).value().holds(boost::asio::ip::make_address(address));
    };
    EXPECT_TRUE(holds("10.0.0.0/8", "10.255.0.1"));
    EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(holds("172.16.0.0/12", "172.31.255.255"));
    EXPECT_FALSE(holds("172.16.0.0/12", "172.32.0.0"));
    EXPECT_TRUE(holds("127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(holds("127.0.0.1", "127.0.0.2"));
    EXPECT_TRUE(holds("127.0.0.0/8", "::ffff:127.0.0.1"));
    EXPECT_TRUE(holds("0.0.0.0/0", "192.168.1.1"));
    EXPECT_FALSE(holds("0.0.0.0/0", "::1"));
    EXPECT_TRUE(holds("fd00::/8", "fd12::1"));
    EXPECT_FALSE(holds("fd00::/8", "fe80::1"));
    for (const char* bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "fd00::/129", "example.com", "10.0.0.0/8x",
                            "::ffff:127.0.0.0/104"}) {
        EXPECT_FALSE(parse_address_block(bad)) << bad;
    }
}

}  // namespace
}  // namespace genq::http
