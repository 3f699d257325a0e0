#include "common/http/conditional.hpp"

namespace genq::http {
namespace {

void skip_space(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

std::string_view opaque(std::string_view etag) {
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    return etag;
}

/// Takes one entity tag off the front, weak mark and quotes included; "" when there is none.
std::string_view take_tag(std::string_view& text) {
    const std::size_t open = text.starts_with("W/") ? 2 : 0;
    if (text.size() <= open || text[open] != '"') return {};
    const std::size_t close = text.find('"', open + 1);
    if (close == std::string_view::npos) return {};
    const std::string_view tag = text.substr(0, close + 1);
    text.remove_prefix(close + 1);
    return tag;
}

}  // namespace

bool none_match_names(std::string_view if_none_match, std::string_view etag) {
    skip_space(if_none_match);
    if (if_none_match.starts_with('*')) {
        if_none_match.remove_prefix(1);
        skip_space(if_none_match);
        return if_none_match.empty();
    }
    // Commas may stand inside a tag, so the list is read tag by tag.
    for (;;) {
        while (!if_none_match.empty() && if_none_match.front() == ',') {
            if_none_match.remove_prefix(1);
            skip_space(if_none_match);
        }
        const std::string_view tag = take_tag(if_none_match);
        if (tag.empty()) return false;
        if (opaque(tag) == opaque(etag)) return true;
        skip_space(if_none_match);
    }
}

bool if_range_holds(std::string_view if_range, std::string_view etag) {
    skip_space(if_range);
    if (if_range.empty()) return true;
    while (if_range.ends_with(' ') || if_range.ends_with('\t')) if_range.remove_suffix(1);
    return if_range == etag && !etag.starts_with("W/");
}

}  // namespace genq::http
