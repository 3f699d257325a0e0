#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace genq::http {

/// What a Range header asks for (RFC 9110 §14.1.2).
struct Range {
    enum class Kind {
        whole,          ///< no range, or one to be ignored: malformed, of another unit, several at once
        part,           ///< 206: bytes `first` to `last`, both included
        unsatisfiable,  ///< 416
    };
    Kind kind = Kind::whole;
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    [[nodiscard]] std::uint64_t length() const { return last - first + 1; }
    friend bool operator==(const Range&, const Range&) = default;
};

/// Reads a Range header ("" for none) for a representation of `size` bytes. Several ranges are ignored: serving the
/// whole is always allowed.
[[nodiscard]] Range parse_range(std::string_view header, std::uint64_t size);

/// `bytes 0-99/1234`, for 206.
[[nodiscard]] std::string content_range(const Range& range, std::uint64_t size);
/// `bytes */1234`, for 416.
[[nodiscard]] std::string content_range_unsatisfied(std::uint64_t size);

}  // namespace genq::http
