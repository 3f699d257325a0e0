#include "common/http/trace_context.hpp"

#include <algorithm>

namespace genq::http {

namespace {

constexpr std::size_t traceparent_size = 2 + 1 + 32 + 1 + 16 + 1 + 2;
constexpr std::size_t most_members = 32;
constexpr std::size_t longest_member_part = 256;  // of a key, and of a value
constexpr std::size_t longest_tracestate = 512;   // what everybody has to pass on at least

bool is_lower_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string_view without_blanks(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Keys of both levels of the specification pass: which of their parts begins with a letter or a digit is left open.
bool is_member(std::string_view member) {
    const auto equals = member.find('=');
    if (equals == std::string_view::npos) return false;
    const auto key = member.substr(0, equals);
    const auto value = member.substr(equals + 1);
    if (key.empty() || key.size() > longest_member_part || value.empty() || value.size() > longest_member_part) {
        return false;
    }
    const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return alphanumeric(key.front()) &&
           std::ranges::all_of(
               key,
               [&](char c) { return alphanumeric(c) || std::string_view("_-*/@").find(c) != std::string::npos; }) &&
           std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~' && c != '='; });
}

}  // namespace

bool is_traceparent(std::string_view text) {
    if (text.size() < traceparent_size || text.size() > 128) return false;
    if (text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
    if (text.substr(0, 2) == "ff" || (text.substr(0, 2) == "00" && text.size() != traceparent_size)) return false;
    if (text.size() > traceparent_size && text[traceparent_size] != '-') return false;
    if (text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") != std::string_view::npos) return false;
    const auto trace = text.substr(3, 32);
    const auto parent = text.substr(36, 16);
    return is_lower_hex(text.substr(0, 2)) && is_lower_hex(trace) && is_lower_hex(parent) &&
           is_lower_hex(text.substr(53, 2)) && trace.find_first_not_of('0') != std::string_view::npos &&
           parent.find_first_not_of('0') != std::string_view::npos;
}

TraceContext read_traceparent(std::string_view text) {
    const char flags = text[54];  // the lower four of the eight
    const int low = flags <= '9' ? flags - '0' : flags - 'a' + 10;
    return {.trace_id = std::string(text.substr(3, 32)),
            .span_id = std::string(text.substr(36, 16)),
            .sampled = (low & 1) != 0};
}

std::string read_tracestate(std::string_view text) {
    std::string kept;
    std::size_t members = 0;
    bool full = false;
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find(',', start), text.size());
        const auto member = without_blanks(text.substr(start, end - start));
        start = end + 1;
        if (member.empty()) continue;
        // One that is none spoils the whole, also where it would not have been kept.
        if (!is_member(member)) return {};
        const std::size_t comma = kept.empty() ? 0 : 1;
        full = full || members == most_members || kept.size() + comma + member.size() > longest_tracestate;
        if (full) continue;
        if (comma != 0) kept += ',';
        kept += member;
        ++members;
    }
    return kept;
}

}  // namespace genq::http
