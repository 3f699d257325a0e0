#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace genq::tidy {

/// One file of the tree as the rules see it.
struct Source {
    std::string path;  ///< from the root: "server/limiter/window.hpp"
    std::string text;
    std::string code;                ///< `text` with comments, literals and their quotes blanked; lines stay in place
    std::vector<std::string> lines;  ///< of `text`

    [[nodiscard]] bool is_header() const { return path.ends_with(".hpp"); }
    [[nodiscard]] bool under(std::string_view folder) const;
    /// Counted from 1.
    [[nodiscard]] int line_of(std::size_t offset) const;
};

[[nodiscard]] Source make_source(std::string path, std::string text);

/// Every .hpp and .cpp under common/, server/ and tests/ of the tree at `root`, sorted by path.
[[nodiscard]] std::vector<Source> read_tree(const std::string& root);

}  // namespace genq::tidy
