#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace genq::crypto {

using Sha256Digest = std::array<std::byte, 32>;

/// SHA-256 (FIPS 180-4) over bytes that come piece by piece. One thread at a time.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(std::span<const std::byte> bytes);
    void update(std::string_view text) { update(std::as_bytes(std::span(text))); }
    /// The digest of all bytes so far. More bytes may follow.
    [[nodiscard]] Sha256Digest digest() const;
    /// The same as 64 lower-case hex digits.
    [[nodiscard]] std::string hex_digest() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The SHA-256 of `text` as 64 lower-case hex digits. Not for more than 64 KiB on an I/O thread.
[[nodiscard]] std::string sha256_hex(std::string_view text);
[[nodiscard]] Sha256Digest sha256(std::string_view text);

}  // namespace genq::crypto
