#include <gtest/gtest.h>

#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"
#include "common/crypto/sha256.hpp"

namespace genq::crypto {
namespace {

TEST(Sha256, gives_the_digests_of_fips_180) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, goes_on_after_a_digest) {
    Sha256 hash;
    hash.update("a");
    EXPECT_EQ(hash.hex_digest(), sha256_hex("a"));
    hash.update("bc");
    EXPECT_EQ(hash.hex_digest(), sha256_hex("abc"));
}

TEST(HmacSha256, gives_the_tags_of_rfc_4231) {
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(to_hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(ConstantTimeEqual, compares_whole_texts) {
    EXPECT_TRUE(constant_time_equal("", ""));
    EXPECT_TRUE(constant_time_equal("abc", "abc"));
    EXPECT_FALSE(constant_time_equal("abc", "abd"));
    EXPECT_FALSE(constant_time_equal("abc", "ab"));
}

TEST(Encoding, gives_the_texts_of_rfc_4648) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}};
    for (const auto& [plain, text] : cases) {
        EXPECT_EQ(to_base64(bytes_of(plain)), text);
        EXPECT_EQ(from_base64(text).value(), plain);
        const std::string bare = text.substr(0, text.find('='));
        EXPECT_EQ(to_base64url(bytes_of(plain)), bare);
        EXPECT_EQ(from_base64url(bare).value(), plain);
    }
    EXPECT_EQ(to_base64url(bytes_of("\xfb\xff")), "-_8");
    EXPECT_EQ(to_base64(bytes_of("\xfb\xff")), "+/8=");
}

TEST(Encoding, refuses_what_no_encoder_writes) {
    for (const char* text : {"Zg", "Zg=", "Z===", "Zh==", "Zg==\n", "Z g=", "Zg==Zg==", "-_8="}) {
        EXPECT_FALSE(from_base64(text)) << text;
    }
    for (const char* text : {"Z", "Zg==", "Zh", "+/8"}) EXPECT_FALSE(from_base64url(text)) << text;
    for (const char* text : {"a", "0g", "0x"}) EXPECT_FALSE(from_hex(text)) << text;
    EXPECT_EQ(from_hex("0Aff").value(), "\x0a\xff");
}

}  // namespace
}  // namespace genq::crypto
