#include "server/upstream/wording.hpp"

#include <algorithm>
#include <string>

#include "server/upstream/fields.hpp"

namespace genq::upstream {
namespace {

bool contains_any(const std::string& text, std::initializer_list<std::string_view> parts) {
    return std::ranges::any_of(parts, [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

bool speaks_of(std::string_view message, std::initializer_list<std::string_view> stems) {
    const std::string text = lower(message);
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto length = std::min(rest.find_first_of(" \t\r\n"), rest.size());
        std::string_view word = rest.substr(0, length);
        rest.remove_prefix(std::min(length + 1, rest.size()));
        if (word.find('/') != std::string_view::npos) continue;
        while (!word.empty()) {
            // Each part of "rate-limit" or "'taskId'" counts on its own.
            const auto begin = std::ranges::find_if(word, is_letter_or_digit);
            const auto end = std::find_if_not(begin, word.end(), is_letter_or_digit);
            const std::string_view part(begin, end);
            if (std::ranges::any_of(stems, [&](std::string_view stem) { return part.starts_with(stem); })) return true;
            word = std::string_view(end, word.end());
        }
    }
    return false;
}

bool speaks_of_rate(std::string_view message) {
    return speaks_of(message, {"rate", "frequen"}) || contains_any(lower(message), {"too many requests"});
}

bool speaks_of_credits(std::string_view message) {
    return speaks_of(message, {"credit", "balance"});
}

bool speaks_of_subject(std::string_view message) {
    return speaks_of(message, {"task", "model", "record"});
}

bool speaks_of_field(std::string_view message) {
    const auto text = lower(message);
    if (contains_any(text, {"is required", "are required", "required field", "required parameter"})) return true;
    // "Invalid response from upstream" is the provider's fault, not the request's.
    return speaks_of(message, {"invalid"}) && !speaks_of(message, {"upstream", "response", "internal", "server"});
}

bool speaks_of_missing_record(std::string_view message) {
    return contains_any(lower(message), {"null", "not found", "not exist", "no record", "14 days", "taskid"});
}

bool speaks_of_processing(std::string_view message) {
    return speaks_of(message, {"processing", "processed"});
}

bool may_pass(int code, std::string_view message) {
    if (code == 408 || code == 531) return true;
    if (speaks_of(message, {"prompt", "moderat", "polic", "flagged", "sensitive", "adjust", "copyright",
                            "inappropriate", "prohibited"})) {
        return false;
    }
    return contains_any(lower(message), {"try again", "concurrent generations"});
}

}  // namespace genq::upstream
