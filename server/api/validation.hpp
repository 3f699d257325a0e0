#pragma once
#include <optional>
#include <string_view>

namespace genq::api {

/// How strictly a job's input is checked: `validate` of a job, `models.validation` where it says nothing.
enum class Validation {
    strict,  // any fault is refused
    warn,    // values outside a list and unknown fields pass and are named in the job's warnings
    off,     // nothing is checked
};

/// By its name in a job or in the configuration.
[[nodiscard]] constexpr std::optional<Validation> validation_from(std::string_view text) {
    if (text == "strict") return Validation::strict;
    if (text == "warn") return Validation::warn;
    if (text == "off") return Validation::off;
    return std::nullopt;
}

}  // namespace genq::api
