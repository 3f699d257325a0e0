#include "server/store/copy_mark.hpp"

#include <charconv>

#include "common/core/rfc3339.hpp"

namespace genq::store {

std::string to_text(const CopyMark& mark) {
    return std::to_string(mark.last_row) + " " + to_rfc3339(mark.at);
}

std::optional<CopyMark> copy_mark_from(const std::string& text) {
    CopyMark mark;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, mark.last_row);
    if (error != std::errc() || rest == end || *rest != ' ') return std::nullopt;
    const auto at = from_rfc3339(std::string_view(rest + 1, end));
    if (!at) return std::nullopt;
    mark.at = *at;
    return mark;
}

}  // namespace genq::store
