#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/error.hpp"
#include "common/fs/descriptor.hpp"

namespace genq::media {

/// A program to run on a file that a stranger made.
struct Command {
    std::string program;  // an absolute path
    std::vector<std::string> arguments{};
    int input = -1;                     // a regular file, becomes /dev/fd/0; -1 for none. The caller's to close
    std::size_t max_output = 64 << 10;  // bytes of standard output; more is an error
    std::chrono::milliseconds wall{10'000};
    std::chrono::seconds cpu{10};
    std::uint64_t memory_bytes = 1536ULL << 20U;  // of address space
};

/// Runs programs one at a time with as little as they need: no environment, no descriptors but standard ones, no
/// network, no file but what makes programs run and the input, no writes to files, bounded time, memory and output
/// (confinement.cpp; DESIGN.md, "Media facts"). What it writes to standard error is dropped.
class Confined {
  public:
    explicit Confined(Clock& clock);

    /// Its standard output, once it has ended with 0. errc::malformed: it ended otherwise; timeout; too_large;
    /// canceled: stop() was called; io: it could not be run at all, or not confined. Blocks: for a thread of its own.
    [[nodiscard]] Result<std::string> run(const Command& command);
    /// Kills what runs, and runs nothing any more. Any thread.
    void stop();

  private:
    Clock& clock_;
    fs::Descriptor stop_;  // an eventfd: readable once stopped
};

}  // namespace genq::media
