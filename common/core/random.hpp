#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <span>
#include <string>

namespace genq {

/// Randomness as a parameter, so that a simulation replays from its seed.
class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> bytes) = 0;

    /// Uniform in [0, bound); `bound` > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    /// Uniform in [0, 1).
    [[nodiscard]] double unit();
    /// `bytes` random bytes as lower-case hex digits (twice as many characters).
    [[nodiscard]] std::string hex(std::size_t bytes);
};

/// The kernel's randomness through OpenSSL, fetched in larger pieces than it is used in: a call costs more than its
/// bytes. What was given out is wiped here. Any thread; not across a fork.
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::byte> bytes) override;

  private:
    std::mutex mutex_;
    std::array<std::byte, 4096> stock_{};
    std::size_t left_ = 0;  // of the stock, at its front
};

/// The same numbers for the same seed; for tests. One thread.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::byte> bytes) override;

  private:
    std::mt19937_64 engine_;
};

}  // namespace genq
