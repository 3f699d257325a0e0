#pragma once
#include <source_location>

namespace genq {

/// Says where and what on standard error, then aborts the process. The store is made for that: what is on disk is
/// whole, and the next start goes on from it. Any thread.
[[noreturn]] void check_failed(const char* condition,
                               std::source_location where = std::source_location::current()) noexcept;

}  // namespace genq

/// A promise that the program makes to itself, checked in release builds too. Not for input or for what the network
/// says.
#define GENQ_CHECK(condition)                 \
    do {                                      \
        if (!(condition)) [[unlikely]]        \
            ::genq::check_failed(#condition); \
    } while (false)
