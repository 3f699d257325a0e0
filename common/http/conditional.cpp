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

bool is_star(std::string_view text) {
    skip_space(text);
    if (!text.starts_with('*')) return false;
    text.remove_prefix(1);
    skip_space(text);
    return text.empty();
}

// Commas may stand inside a tag, so the list is read tag by tag.
template <class Fits>
bool any_tag(std::string_view list, Fits fits) {
    skip_space(list);
    for (;;) {
        while (!list.empty() && list.front() == ',') {
            list.remove_prefix(1);
            skip_space(list);
        }
        const std::string_view tag = take_tag(list);
        if (tag.empty()) return false;
        if (fits(tag)) return true;
        skip_space(list);
    }
}

}  // namespace

bool none_match_names(std::string_view if_none_match, std::string_view etag) {
    return is_star(if_none_match) || any_tag(if_none_match, [etag](auto tag) { return opaque(tag) == opaque(etag); });
}

bool match_holds(std::string_view if_match, std::string_view etag) {
    return is_star(if_match) || any_tag(if_match, [etag](auto tag) { return tag == etag && !etag.starts_with("W/"); });
}

bool if_range_holds(std::string_view if_range, std::string_view etag) {
    skip_space(if_range);
    if (if_range.empty()) return true;
    while (if_range.ends_with(' ') || if_range.ends_with('\t')) if_range.remove_suffix(1);
    return if_range == etag && !etag.starts_with("W/");
}

}  // namespace genq::http
