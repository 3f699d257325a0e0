#pragma once
#include <expected>
#include <source_location>
#include <string>
#include <string_view>

namespace genq {

/// What a caller can act on. The sentence for people is in Error::detail.
enum class errc {
    invalid_argument,  ///< a value that can't be used; the detail names it
    not_found,
    conflict,  ///< the thing is in a state that does not allow this
    already_exists,
    timeout,
    canceled,
    unreachable,      ///< no connection: refused, no route, name not found
    tls,              ///< handshake or certificate
    connection_lost,  ///< reset or closed before the answer was whole
    malformed,        ///< bytes that are not what the protocol says
    too_large,
    storage_full,
    busy,       ///< a bounded queue is full, or a lock is held by another process
    forbidden,  ///< an address or path that rules keep us from
    corrupt,    ///< what is on disk is not what was written
    io,
    unsupported,
};

[[nodiscard]] std::string_view to_string(errc code);

/// An expected failure. `detail` is a sentence that a person can act on; it never holds a secret or a signed URL.
struct Error {
    errc code{};
    std::string detail;
    std::source_location where = std::source_location::current();
};

template <class T>
using Result = std::expected<T, Error>;

/// `return fail(errc::timeout, "…")` in a function that returns a Result.
[[nodiscard]] std::unexpected<Error> fail(errc code, std::string detail,
                                          std::source_location where = std::source_location::current());

}  // namespace genq
