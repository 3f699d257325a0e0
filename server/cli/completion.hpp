#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace genq::cli {

/// What may stand in the place of the word that is being written.
struct Candidates {
    struct Word {
        std::string text;
        std::string about;  ///< "" where nothing need be said
    };
    std::vector<Word> words{};
    bool files = false;         ///< the shell knows these best
    bool folders = false;       ///< … and these
    std::string before_path{};  ///< what stands before the path in the word: `image=@`
};

/// What only a daemon or a file knows: the words for "models", "uses", "kinds", "jobs", "callers", "batches",
/// "profiles" and "tokens"; for "fields" (`KEY=`) and "values" (`KEY=VALUE`) those of the model `of`.
using LiveWords = std::function<std::vector<Candidates::Word>(std::string_view what, const std::string& of)>;

/// What the program of this tree takes behind `words`, the last of which (maybe "") is being written: subcommands,
/// options, an option's values, or what an argument is. All of them, whatever the last word's beginning is, but for
/// what stands before a value in it: `--status=`, `queued,`.
[[nodiscard]] Candidates find_candidates(const CLI::App& root, std::span<const std::string> words,
                                         const LiveWords& live);

/// The subcommand of that name right below `app`; null if there is none.
[[nodiscard]] const CLI::App* subcommand_named(const CLI::App& app, const std::string& name);

}  // namespace genq::cli
