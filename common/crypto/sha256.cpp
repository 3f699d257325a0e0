#include "common/crypto/sha256.hpp"

#include <openssl/evp.h>

#include <bit>

#include "common/core/check.hpp"
#include "common/crypto/encoding.hpp"

namespace genq::crypto {
namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

}  // namespace

// OpenSSL's calls fail here for want of memory or of the algorithm only: neither is something a caller can act on.
struct Sha256::Impl {
    Impl() : context(EVP_MD_CTX_new()) {
        GENQ_CHECK(context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
    }
    Context context;
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
    GENQ_CHECK(EVP_DigestUpdate(impl_->context.get(), bytes.data(), bytes.size()) == 1);
}

Sha256Digest Sha256::digest() const {
    const Context copy(EVP_MD_CTX_new());
    std::array<unsigned char, 32> raw{};
    GENQ_CHECK(copy && EVP_MD_CTX_copy_ex(copy.get(), impl_->context.get()) == 1 &&
               EVP_DigestFinal_ex(copy.get(), raw.data(), nullptr) == 1);
    return std::bit_cast<Sha256Digest>(raw);
}

std::string Sha256::hex_digest() const {
    return to_hex(digest());
}

Sha256Digest sha256(std::string_view text) {
    std::array<unsigned char, 32> raw{};
    GENQ_CHECK(EVP_Digest(text.data(), text.size(), raw.data(), nullptr, EVP_sha256(), nullptr) == 1);
    return std::bit_cast<Sha256Digest>(raw);
}

std::string sha256_hex(std::string_view text) {
    return to_hex(sha256(text));
}

}  // namespace genq::crypto
