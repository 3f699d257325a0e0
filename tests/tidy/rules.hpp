#pragma once
#include <span>
#include <string>
#include <vector>

#include "tests/tidy/source.hpp"

namespace genq::tidy {

/// One place that breaks a rule.
struct Finding {
    std::string path;
    int line = 0;
    std::string what;  ///< for the reader who has to repair it
};

/// A rule of the house that no compiler or linter checks, with a snippet that breaks it and one that keeps it: both are
/// tested, so that a rule cannot go blind unseen.
struct Rule {
    const char* name;
    void (*check)(const Source& source, std::vector<Finding>& findings);
    const char* path;  ///< where the snippets pretend to stand
    const char* bad;
    const char* good;
};

[[nodiscard]] std::span<const Rule> rules();

}  // namespace genq::tidy
