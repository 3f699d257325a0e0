#pragma once
#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace genq::cli {

/// Words for people, on stderr. Where it can't be written to, the exit code alone tells.
template <typename... Values>
void say(fmt::format_string<Values...> format, Values&&... values) {
    const auto text = fmt::format(format, std::forward<Values>(values)...);
    std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace genq::cli
