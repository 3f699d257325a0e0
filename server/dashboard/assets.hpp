#pragma once
#include <span>
#include <string_view>

namespace genq::dashboard {

/// A file of the dashboard; its bytes are part of the program.
struct Asset {
    std::string_view name;    ///< "main.js"
    std::string_view sha256;  ///< of `plain`, lower-case hex
    std::string_view plain;
    std::string_view gzip;
};

/// All of them, `index.html` among them. Any thread; they live as long as the program.
[[nodiscard]] std::span<const Asset> assets();

/// What `?v=` says in the addresses by which the assets refer to each other: a digest over all of them.
[[nodiscard]] std::string_view assets_version();

}  // namespace genq::dashboard
