#include "common/crypto/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <bit>

#include "common/core/check.hpp"

namespace genq::crypto {

Sha256Digest hmac_sha256(std::string_view key, std::string_view text) {
    // HMAC() refuses a null key even when its length is 0.
    const char* key_data = key.empty() ? "" : key.data();
    std::array<unsigned char, 32> raw{};
    unsigned int length = 0;
    const auto* bytes = std::bit_cast<const unsigned char*>(text.data());
    GENQ_CHECK(HMAC(EVP_sha256(), key_data, static_cast<int>(key.size()), bytes, text.size(), raw.data(), &length) !=
                   nullptr &&
               length == raw.size());
    return std::bit_cast<Sha256Digest>(raw);
}

bool constant_time_equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace genq::crypto
