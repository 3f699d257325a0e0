#include "common/http/range.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "common/http/message.hpp"

namespace genq::http {
namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// 1*DIGIT; numbers too large for us are the largest one, which is past any end.
std::optional<std::uint64_t> number(std::string_view text) {
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() ? value : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

Range parse_range(std::string_view header, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    header = trim(header);
    if (!iequals(header.substr(0, unit.size()), unit)) return {};
    const std::string_view spec = trim(header.substr(unit.size()));
    const std::size_t dash = spec.find('-');
    if (dash == std::string_view::npos || spec.contains(',')) return {};
    const auto first = number(spec.substr(0, dash));
    const auto last = number(spec.substr(dash + 1));
    const bool no_first = dash == 0;
    const bool no_last = dash + 1 == spec.size();
    if ((!first && !no_first) || (!last && !no_last)) return {};
    if (no_first) {  // the last bytes
        if (!last) return {};
        if (*last == 0 || size == 0) return {.kind = Range::Kind::unsatisfiable};
        return {.kind = Range::Kind::part, .first = size - std::min(*last, size), .last = size - 1};
    }
    if (last && *last < *first) return {};
    if (*first >= size) return {.kind = Range::Kind::unsatisfiable};
    return {.kind = Range::Kind::part, .first = *first, .last = last ? std::min(*last, size - 1) : size - 1};
}

std::string content_range(const Range& range, std::uint64_t size) {
    return fmt::format("bytes {}-{}/{}", range.first, range.last, size);
}

std::string content_range_unsatisfied(std::uint64_t size) {
    return fmt::format("bytes */{}", size);
}

}  // namespace genq::http
