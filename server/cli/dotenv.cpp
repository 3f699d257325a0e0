#include "server/cli/dotenv.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace genq::cli {
namespace {

constexpr std::array<std::string_view, 4> taken{"GENQD_URL", "GENQD_TOKEN", "GENQD_TOKEN_FILE", "GENQD_PROFILE"};
constexpr std::string_view blank = " \t\r";

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return "";
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// What stands in quotes, or up to a comment, which has white space before it: `http://host/#part` has none.
std::string_view value_in(std::string_view text) {
    if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
        const auto closing = text.find(text.front(), 1);
        const auto behind = closing == std::string_view::npos ? text : trim(text.substr(closing + 1));
        if (behind.empty() || behind.starts_with('#')) return text.substr(1, closing - 1);
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '#' && (at == 0 || blank.contains(text[at - 1]))) return trim(text.substr(0, at));
    }
    return text;
}

}  // namespace

app::Environment parse_dotenv(std::string_view text) {
    app::Environment found;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.starts_with("export ")) line = trim(line.substr(7));
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const auto name = trim(line.substr(0, equals));
        if (std::ranges::find(taken, name) != taken.end()) found.emplace(name, value_in(trim(line.substr(equals + 1))));
    }
    return found;
}

app::Environment read_dotenv() {
    // A folder of that name is a virtual environment of Python's, a FIFO would never end.
    std::error_code error;
    if (!std::filesystem::is_regular_file(".env", error)) return {};
    std::ifstream file(".env", std::ios::binary);
    return parse_dotenv(std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

}  // namespace genq::cli
