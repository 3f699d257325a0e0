#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <regex>
#include <set>

namespace genq::tidy {
namespace {

constexpr std::size_t longest_file = 350;

/// Calls `found(include, line)` for each `#include "…"` or `<…>`.
template <class Found>
void each_include(const Source& source, Found found) {
    static const std::regex pattern(R"(^\s*#\s*include\s*["<]([^">]+)[">])");
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
        std::smatch match;
        if (std::regex_search(source.lines[i], match, pattern)) found(match[1].str(), static_cast<int>(i) + 1);
    }
}

/// A finding for each match in the code (comments and literals blanked) of a file that `applies`.
void forbid(const Source& source, std::vector<Finding>& findings, const std::regex& pattern, bool applies,
            const char* what) {
    if (!applies) return;
    for (std::sregex_iterator it(source.code.begin(), source.code.end(), pattern), end; it != end; ++it) {
        findings.push_back({source.path, source.line_of(static_cast<std::size_t>(it->position())), what});
    }
}

bool product(const Source& source) {
    return source.under("common") || source.under("server");
}
/// Programs that measure: the wall is their subject.
bool measures(const Source& source) {
    return source.under("tests/bench");
}

/// "server/limiter/window.hpp" → "limiter", "common/…" → "common", "server/main.cpp" → "main"; "" for the rest.
std::string layer_of(std::string_view path) {
    if (path.starts_with("common/")) return "common";
    if (path == "server/main.cpp") return "main";
    if (!path.starts_with("server/")) return {};
    path.remove_prefix(std::string_view("server/").size());
    return std::string(path.substr(0, path.find('/')));
}

/// A layer may include what has a higher number, itself, and nothing beside itself.
std::optional<int> height_of(const std::string& layer) {
    static const std::map<std::string, int> heights = {
        {"main", 0},      {"cli", 1},       {"app", 2},     {"web", 3},     {"front", 4},
        {"api", 5},       {"webhooks", 6},  {"tracing", 6}, {"engine", 7},  {"media", 7},
        {"upstream", 8},  {"blobs", 8},     {"store", 8},   {"polling", 9}, {"limiter", 9},
        {"catalogue", 9}, {"dashboard", 9}, {"domain", 10}, {"common", 11}};
    const auto found = heights.find(layer);
    return found == heights.end() ? std::nullopt : std::optional(found->second);
}

void check_layers(const Source& source, std::vector<Finding>& findings) {
    const auto from = layer_of(source.path);
    if (from.empty()) return;
    const auto own = height_of(from);
    if (!own && from != "sandbox") findings.push_back({source.path, 1, "tests/tidy does not know the layer " + from});
    each_include(source, [&](const std::string& include, int line) {
        const auto to = include.starts_with("tests/") ? "tests" : layer_of(include);
        if (to.empty() || to == from) return;
        // The stand-in for kie.ai shares nothing with the client side, so that it cannot share its mistakes.
        const bool allowed = from == "sandbox" ? to == "common"
                             : to == "sandbox" ? from == "cli" || from == "app"
                                               : own && height_of(to) && *own < *height_of(to);
        if (!allowed) findings.push_back({source.path, line, from + " may not include " + to});
    });
}

void check_libraries(const Source& source, std::vector<Finding>& findings) {
    struct Place {
        const char* prefix;
        std::vector<std::string> allowed;
    };
    static const std::vector<Place> places = {
        {"boost/beast", {"common/http/", "common/core/asio_impl.cpp", "tests/bench/"}},
        {"boost/asio/ssl", {"common/http/", "common/core/asio_impl.cpp"}},
        {"sqlite3.h", {"common/sql/", "tests/unit/sql/", "tests/sim/power.cpp"}},
        {"toml++", {"server/app/"}},
        {"toml.hpp", {"server/app/"}},
        {"spdlog/", {"common/log/"}},
        {"prometheus/", {"common/metrics/"}},
        {"CLI/", {"server/cli/", "tests/bench/"}},
    };
    each_include(source, [&](const std::string& include, int line) {
        for (const auto& place : places) {
            const auto fits = [&](const std::string& prefix) { return source.path.starts_with(prefix); };
            if (include.starts_with(place.prefix) && std::ranges::none_of(place.allowed, fits)) {
                findings.push_back({source.path, line, include + " is for " + place.allowed.front() + " alone"});
            }
        }
    });
}

void check_clock(const Source& source, std::vector<Finding>& findings) {
    static const std::regex pattern(
        R"(\b(steady_clock|system_clock|high_resolution_clock)::now\b|\b(clock_gettime|gettimeofday)\s*\(|(^|[^\w.>:]|std::)time\s*\(\s*(nullptr|0|NULL)\s*\))");
    forbid(source, findings, pattern, source.path != "common/core/clock.cpp" && !measures(source),
           "time comes from a Clock");
}

void check_sleep(const Source& source, std::vector<Finding>& findings) {
    static const std::regex pattern(
        R"(\bthis_thread::sleep_\w+|\busleep\s*\(|(^|[^\w:])::sleep\s*\(|\bnanosleep\s*\()");
    forbid(source, findings, pattern, !measures(source), "nothing sleeps: wait for an event, or on a Clock");
}

void check_detached(const Source& source, std::vector<Finding>& findings) {
    static const std::regex pattern(R"(\bdetached\b|\.detach\s*\()");
    forbid(source, findings, pattern, !measures(source), "nobody is detached: spawn through a TaskGroup");
}

void check_environment(const Source& source, std::vector<Finding>& findings) {
    static const std::regex pattern(R"(\b(secure_)?getenv\s*\(|\benviron\b)");
    forbid(source, findings, pattern, product(source) && source.path != "server/app/environment.cpp",
           "the environment is read in server/app/environment.cpp alone");
}

void check_random(const Source& source, std::vector<Finding>& findings) {
    static const std::regex pattern(R"(\brandom_device\b|\bs?rand\s*\()");
    forbid(source, findings, pattern, product(source) && source.path != "common/core/random.cpp",
           "randomness comes from a Random");
}

void check_output(const Source& source, std::vector<Finding>& findings) {
    static const std::regex pattern(
        R"(\bstd::(cout|clog)\b|\bfmt::print\s*\(\s*(?!stderr)|(^|[^\w:.])(printf|puts)\s*\()");
    forbid(source, findings, pattern, product(source) && !source.under("server/cli"), "standard output belongs to cli");
}

/// The last top-level argument of the call whose opening parenthesis is at `open`; "" if there are fewer than two.
std::string last_argument(const std::string& code, std::size_t open) {
    int depth = 0;
    std::size_t last = 0;
    for (std::size_t i = open; i < code.size(); ++i) {
        if (code[i] == '(' || code[i] == '{' || code[i] == '[') ++depth;
        if (code[i] == ')' || code[i] == '}' || code[i] == ']') --depth;
        if (code[i] == ',' && depth == 1) last = i;
        if (depth == 0) return last == 0 ? std::string() : code.substr(last + 1, i - last - 1);
    }
    return {};
}

void check_post(const Source& source, std::vector<Finding>& findings) {
    static const std::regex call(R"(\b(post|dispatch|defer)\s*\()");
    static const std::regex token(
        R"(^\s*((asio|boost|net)::)*(as_tuple\s*\(\s*)?((asio|boost|net)::)*use_awaitable\b)");
    for (std::sregex_iterator it(source.code.begin(), source.code.end(), call), end; it != end; ++it) {
        const auto open = static_cast<std::size_t>(it->position() + it->length() - 1);
        if (std::regex_search(last_argument(source.code, open), token)) {
            findings.push_back({source.path, source.line_of(open),
                                "this comes back on the coroutine's own executor: use async::enter"});
        }
    }
}

void check_length(const Source& source, std::vector<Finding>& findings) {
    if (product(source) && source.lines.size() > longest_file) {
        findings.push_back({source.path, static_cast<int>(source.lines.size()),
                            std::to_string(source.lines.size()) + " lines: look for the second idea"});
    }
}

void check_words(const Source& source, std::vector<Finding>& findings) {
    // The repository stands alone; and what is left to do is an issue, not a comment.
    static const std::regex pattern(
        R"(\b(TODO|FIXME|XXX)\b|(^|[\s"'(])/work/|\.\./shared|\bissue [0-9]|\b(contract|engine|style|kie/api)\.md\b)");
    if (source.under("tests/tidy")) return;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
        std::smatch match;
        if (std::regex_search(source.lines[i], match, pattern)) {
            findings.push_back({source.path, static_cast<int>(i) + 1, "no `" + match.str() + "` here"});
        }
    }
}

void check_pragma(const Source& source, std::vector<Finding>& findings) {
    if (source.is_header() && source.code.find("#pragma once") == std::string::npos) {
        findings.push_back({source.path, 1, "no #pragma once"});
    }
    static const std::regex pattern(R"(\busing\s+namespace\s+(?!std::(\w+::)*\w*literals))");
    forbid(source, findings, pattern, source.is_header(), "no using namespace in a header");
}

void check_root_includes(const Source& source, std::vector<Finding>& findings) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
        static const std::regex pattern(R"(^\s*#\s*include\s*"([^"]+)\")");
        std::smatch match;
        if (!std::regex_search(source.lines[i], match, pattern)) continue;
        const auto path = match[1].str();
        if (path.starts_with("common/") || path.starts_with("server/") || path.starts_with("tests/")) continue;
        findings.push_back({source.path, static_cast<int>(i) + 1, path + " is not a path from the root"});
    }
}

/// A struct of values may be explained at its members in place of above; a handful of well-named ones needs no words.
bool explains_members(const Source& source, std::size_t line) {
    constexpr std::size_t handful = 8;
    if (!source.lines[line].starts_with("struct ")) return false;
    for (auto i = line + 1; i < source.lines.size(); ++i) {
        if (source.lines[i].starts_with("}")) return i - line <= handful;
        if (source.lines[i].find("//") != std::string::npos) return true;
    }
    return false;
}

/// A type that stands at the margin of a header wants a comment, and so does a function there; a run of declarations
/// without a blank line shares one. Forward declarations, aliases, constants and `to_string` speak for themselves.
void check_docs(const Source& source, std::vector<Finding>& findings) {
    if (!source.is_header() || !product(source)) return;
    static const std::regex type(R"(^(class|struct|enum class)\s+(\w+)[^;]*$)");
    static const std::regex function(
        R"(^(\[\[nodiscard\]\] |inline |constexpr )*[\w:<>,\*&\s]+[\s\*&]\w+\([^;{}]*[;{]?)");
    static const std::regex no_declaration(
        R"(^(#|\}|using |namespace |typedef |static_assert|extern |friend |public:|private:|protected:|BOOST_|.*\bto_string\(|template\b|requires\b))");
    bool documented = false;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
        const auto& line = source.lines[i];
        if (line.empty()) {
            documented = false;
        } else if (line.starts_with("//")) {
            documented = true;
        } else if (line[0] != ' ' && !documented && !line.ends_with('\\') && !std::regex_search(line, no_declaration) &&
                   (std::regex_search(line, type) || std::regex_search(line, function)) &&
                   !explains_members(source, i)) {
            findings.push_back({source.path, static_cast<int>(i) + 1, "no comment above: " + line});
            documented = true;  // said once for the whole run
        }
    }
}

constexpr auto too_long = [] {
    std::array<char, longest_file + 2> lines{};
    lines.fill('\n');
    lines.back() = '\0';
    return lines;
}();

constexpr auto all_rules = std::to_array<Rule>({
    {"layers", check_layers, "server/limiter/window.cpp", "#include \"server/engine/engine.hpp\"\n",
     "#include <vector>\n#include \"common/core/clock.hpp\"\n#include \"server/domain/job.hpp\"\n"},
    {"layers_beside", check_layers, "server/blobs/folder_store.cpp", "#include \"server/store/job_store.hpp\"\n",
     "#include \"server/limiter/window.hpp\"\n"},
    {"layers_of_the_sandbox", check_layers, "server/sandbox/server.cpp", "#include \"server/domain/job.hpp\"\n",
     "#include \"common/http/server.hpp\"\n"},
    {"layers_of_common", check_layers, "common/http/url.cpp", "#include \"server/domain/job.hpp\"\n",
     "#include \"common/core/error.hpp\"\n"},
    {"libraries", check_libraries, "server/api/router.cpp", "#include <boost/beast/http.hpp>\n",
     "#include <boost/asio/awaitable.hpp>\n"},
    {"clock", check_clock, "server/engine/poller.cpp", "auto t = std::chrono::steady_clock::now();\n",
     "auto t = clock.now();  // not steady_clock::now()\n"},
    {"sleep", check_sleep, "tests/unit/engine/x_test.cpp", "void f() { std::this_thread::sleep_for(1ms); }\n",
     "co_await clock.sleep_for(1ms);\n"},
    {"detached", check_detached, "server/engine/poller.cpp", "co_spawn(strand, run(), asio::detached);\n",
     "group.spawn(\"detached\", run());\n"},
    {"environment", check_environment, "server/app/config.cpp", "const char* key = std::getenv(\"KIE_API_KEY\");\n",
     "auto key = environment.get(\"KIE_API_KEY\");\n"},
    {"random", check_random, "server/engine/poller.cpp", "std::mt19937 random{std::random_device{}()};\n",
     "const auto jitter = random.uniform();\n"},
    {"output", check_output, "server/engine/poller.cpp", "std::cout << 1;\n", "log.info(\"std::cout\");\n"},
    {"post", check_post, "server/engine/poller.cpp", "co_await asio::post(strand_, asio::use_awaitable);\n",
     "co_await asio::post(asio::bind_executor(strand_, asio::use_awaitable));\nasio::post(strand_, [] {});\n"},
    {"length", check_length, "server/engine/poller.cpp", too_long.data(), "int a;\n"},
    {"words", check_words, "server/engine/poller.cpp", "// TODO: poll\n",
     "// Nothing is left to do (DESIGN.md, \"Polling\").\n"},
    {"words_from_outside", check_words, "server/engine/poller.cpp", "// as engine.md says\n",
     "// server/engine/poller.cpp works alone\n"},
    {"headers", check_pragma, "server/engine/poller.hpp", "int f();\n", "#pragma once\nint f();\n"},
    {"headers_without_using", check_pragma, "server/engine/poller.hpp", "#pragma once\nusing namespace std;\n",
     "#pragma once\nusing std::vector;\n"},
    {"root_includes", check_root_includes, "server/engine/poller.cpp", "#include \"poller.hpp\"\n",
     "#include \"server/engine/poller.hpp\"\n"},
    {"docs_of_types", check_docs, "server/engine/poller.hpp",
     "namespace genq {\n\nclass Poller {\n    int a;\n};\n\n}\n",
     "namespace genq {\nclass Clock;\n\n/// Asks kie.ai.\nclass Poller {\n    int a_;\n};\n\nusing A = int;\n}  // "
     "namespace genq\n"},
    {"docs_of_functions", check_docs, "server/engine/poller.hpp",
     "namespace genq {\n\n[[nodiscard]] std::string name_of(int a);\n\n}\n",
     "namespace genq {\n\n/// Names.\n[[nodiscard]] std::string name_of(int a);\nstd::string other(int a,\n            "
     "      int b);\n\n}\n"},
});

}  // namespace

std::span<const Rule> rules() {
    return all_rules;
}

}  // namespace genq::tidy
