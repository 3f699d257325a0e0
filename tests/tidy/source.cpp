#include "tests/tidy/source.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace genq::tidy {
namespace {

/// Where the comment or literal that begins at `at` ends (one past it); `at` itself when none begins there.
std::size_t end_of_blank(std::string_view text, std::size_t at) {
    const auto rest = text.substr(at);
    const auto after = [&](std::string_view end, std::size_t from) {
        const auto found = rest.find(end, from);
        return found == std::string_view::npos ? text.size() : at + found + end.size();
    };
    if (rest.starts_with("//")) return std::min(text.size(), after("\n", 0)) - (rest.contains('\n') ? 1 : 0);
    if (rest.starts_with("/*")) return after("*/", 2);
    if (rest.starts_with("R\"")) {
        const auto open = rest.find('(');
        if (open == std::string_view::npos) return at;
        return after(")" + std::string(rest.substr(2, open - 2)) + "\"", open);
    }
    // A quote after a digit or letter separates digits: 1'000.
    const bool separator =
        rest.starts_with('\'') && at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
    if (!(rest.starts_with('"') || rest.starts_with('\'')) || separator) return at;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '\\') {
            ++i;
        } else if (rest[i] == rest[0] || rest[i] == '\n') {
            return at + i + 1;
        }
    }
    return text.size();
}

std::string blanked(std::string_view text) {
    std::string code(text);
    for (std::size_t at = 0; at < text.size();) {
        const bool include = text.substr(at).starts_with("#include");
        const auto end = include ? std::min(text.find('\n', at), text.size()) : end_of_blank(text, at);
        if (!include) {
            std::replace_if(
                code.begin() + static_cast<std::ptrdiff_t>(at), code.begin() + static_cast<std::ptrdiff_t>(end),
                [](char c) { return c != '\n'; }, ' ');
        }
        at = std::max(end, at + 1);
    }
    return code;
}

}  // namespace

bool Source::under(std::string_view folder) const {
    return path.starts_with(std::string(folder) + "/");
}

int Source::line_of(std::size_t offset) const {
    return 1 + static_cast<int>(std::count(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

Source make_source(std::string path, std::string text) {
    Source source{std::move(path), std::move(text), {}, {}};
    source.code = blanked(source.text);
    for (std::size_t at = 0; at < source.text.size();) {
        const auto end = std::min(source.text.find('\n', at), source.text.size());
        source.lines.push_back(source.text.substr(at, end - at));
        at = end + 1;
    }
    return source;
}

std::vector<Source> read_tree(const std::string& root) {
    namespace fs = std::filesystem;
    std::vector<Source> sources;
    for (const auto* top : {"common", "server", "tests"}) {
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / top)) {
            const auto extension = entry.path().extension();
            if (!entry.is_regular_file() || (extension != ".hpp" && extension != ".cpp")) continue;
            std::ifstream file(entry.path(), std::ios::binary);
            std::string text(std::istreambuf_iterator<char>(file), {});
            sources.push_back(make_source(fs::relative(entry.path(), root).generic_string(), std::move(text)));
        }
    }
    std::ranges::sort(sources, {}, &Source::path);
    return sources;
}

}  // namespace genq::tidy
