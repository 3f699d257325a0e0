#include "server/app/tokens.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/crypto/sha256.hpp"
#include "common/fs/atomic_file.hpp"
#include "common/fs/descriptor.hpp"
#include "common/fs/ownership.hpp"
#include "server/app/config.hpp"

namespace genq::app {
namespace {

constexpr double most_credits = 1e9;

bool is_name(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, fits);
}

bool is_digest(std::string_view text) {
    const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == 64 && std::ranges::all_of(text, fits);
}

std::unexpected<Error> wrong(std::string_view file, const toml::node& node, std::string_view what) {
    return fail(errc::invalid_argument, fmt::format("{}:{}: {}", file, node.source().begin.line, what));
}

// One entry; errors name the line of the key.
Result<api::Token> read_entry(std::string_view file, const toml::table& table) {
    api::Token entry;
    for (const auto& [key, node] : table) {
        if (key == "name" || key == "sha256") {
            const auto* text = node.as_string();
            if (text == nullptr) return wrong(file, node, fmt::format("{} has to be a text", key.str()));
            (key == "name" ? entry.name : entry.sha256) = text->get();
        } else if (key == "scopes") {
            const auto* list = node.as_array();
            if (list == nullptr) return wrong(file, node, "scopes has to be a list");
            for (const auto& item : *list) {
                const auto* text = item.as_string();
                const auto scope = text == nullptr ? std::nullopt : api::scope_from(text->get());
                if (!scope) return wrong(file, node, "scopes takes \"submit\", \"read\" and \"admin\"");
                entry.scopes.add(*scope);
            }
        } else if (key == "credits_per_day") {
            const auto credits = node.value<double>();
            if (!credits || !(*credits >= 0 && *credits <= most_credits))
                return wrong(file, node, "credits_per_day has to be a number from 0 to 1e9");
            entry.budget.credits_per_day = to_millicredits(*credits);
        } else if (key == "max_queued" || key == "max_running") {
            const auto* number = node.as_integer();
            if (number == nullptr || number->get() < 0)
                return wrong(file, node, fmt::format("{} has to be a whole number from 0", key.str()));
            (key == "max_queued" ? entry.budget.max_queued : entry.budget.max_running) = number->get();
        } else {
            return wrong(file, node,
                         fmt::format("unknown key {}; there are: name, sha256, scopes, credits_per_day, max_queued, "
                                     "max_running",
                                     key.str()));
        }
    }
    const auto place_of = [&table](std::string_view key) -> const toml::node& {
        const auto* node = table.get(key);
        return node == nullptr ? table : *node;
    };
    if (!is_name(entry.name)) {
        return wrong(file, place_of("name"), "name has to be 1 to 64 letters, digits, '.', '_' or '-'");
    }
    if (!is_digest(entry.sha256)) return wrong(file, place_of("sha256"), "sha256 has to be 64 lower-case hex digits");
    if (entry.scopes.empty()) return wrong(file, place_of("scopes"), "scopes has to name at least one");
    return entry;
}

/// Where the file is that a symbolic link stands for, so that the link is not replaced.
std::string real_path(const std::string& file) {
    std::error_code error;
    const auto path = std::filesystem::weakly_canonical(file, error);
    return error ? file : path.string();
}

}  // namespace

Result<std::vector<api::Token>> parse_tokens(std::string_view text, std::string_view name) {
    toml::table table;
    try {
        table = toml::parse(text, name);
    } catch (const toml::parse_error& error) {
        return fail(errc::invalid_argument,
                    fmt::format("{}:{}: no TOML: {}", name, error.source().begin.line, error.description()));
    }
    std::vector<api::Token> tokens;
    for (const auto& [key, node] : table) {
        const auto* list = node.as_array();
        if (key != "tokens" || list == nullptr) {
            return wrong(name, node, "there is nothing but [[tokens]] in this file");
        }
        for (const auto& item : *list) {
            const auto* inner = item.as_table();
            if (inner == nullptr) return wrong(name, item, "write [[tokens]]");
            auto entry = read_entry(name, *inner);
            if (!entry) return std::unexpected(entry.error());
            if (std::ranges::find(tokens, entry->name, &api::Token::name) != tokens.end()) {
                return wrong(name, item, fmt::format("the name {} is there twice", entry->name));
            }
            tokens.push_back(std::move(*entry));
        }
    }
    return tokens;
}

Result<std::vector<api::Token>> load_tokens(const std::string& file) {
    if (file.empty()) return std::vector<api::Token>();
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        const int error = errno;
        if (error == ENOENT) return std::vector<api::Token>();
        return fail(errc::io, fmt::format("{}: the tokens file can't be read: {}", file, std::strerror(error)));
    }
    const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (stream.bad()) return fail(errc::io, fmt::format("{}: the tokens file can't be read", file));
    return parse_tokens(text, file);
}

Result<void> save_tokens(const std::string& file, const std::vector<api::Token>& tokens) {
    std::string text = "# Written by `genqd token`. Only hashes of the tokens are kept.\n";
    for (const api::Token& entry : tokens) {
        text += fmt::format("\n[[tokens]]\nname = \"{}\"\nsha256 = \"{}\"\nscopes = [", entry.name, entry.sha256);
        std::string_view separator;
        for (const api::Scope scope : api::all_scopes) {
            if (!entry.scopes.has(scope)) continue;
            text += fmt::format("{}\"{}\"", separator, api::to_string(scope));
            separator = ", ";
        }
        text += "]\n";
        const Budget& budget = entry.budget;
        if (budget.credits_per_day > 0)
            text += fmt::format("credits_per_day = {}\n", to_credits(budget.credits_per_day));
        if (budget.max_queued > 0) text += fmt::format("max_queued = {}\n", budget.max_queued);
        if (budget.max_running > 0) text += fmt::format("max_running = {}\n", budget.max_running);
    }
    const auto path = real_path(file);
    struct stat old{};
    // Those who could read it still can. What root makes is for a service too, by the group of the folder.
    const unsigned mode = ::stat(path.c_str(), &old) == 0 ? old.st_mode & 0777U : ::geteuid() == 0 ? 0640U : 0600U;
    if (auto written = fs::write_file_atomically(path, text, mode); !written) {
        return fail(errc::io, fmt::format("{}: the tokens file can't be written: {}", file, written.error().detail));
    }
    return {};
}

Result<void> update_tokens(const std::string& file,
                           const std::function<Result<void>(std::vector<api::Token>&)>& change) {
    // The lock is the folder's: the file itself is replaced.
    const auto folder = fs::open_file(fs::folder_of(real_path(file)), O_RDONLY | O_DIRECTORY);
    if (!folder) {
        return fail(errc::io, fmt::format("{}: the tokens file can't be written: {}", file, folder.error().detail));
    }
    while (::flock(folder->get(), LOCK_EX) != 0) {
        if (errno != EINTR) return fs::fail_errno(errno, file);
    }
    auto tokens = load_tokens(file);
    if (!tokens) return std::unexpected(tokens.error());
    if (auto changed = change(*tokens); !changed) return changed;
    return save_tokens(file, *tokens);
}

Result<NewToken> make_token(Random& random, std::string name, const std::vector<std::string>& scopes) {
    if (!is_name(name)) {
        return fail(errc::invalid_argument,
                    fmt::format("\"{}\": a token's name is 1 to 64 letters, digits, '.', '_' or '-'", name));
    }
    NewToken made;
    made.entry.name = std::move(name);
    for (const std::string& text : scopes) {
        const auto scope = api::scope_from(text);
        if (!scope) {
            return fail(errc::invalid_argument,
                        fmt::format("unknown scope \"{}\"; there are: submit, read, admin", text));
        }
        made.entry.scopes.add(*scope);
    }
    if (made.entry.scopes.empty()) made.entry.scopes = {api::Scope::submit, api::Scope::read};
    made.token = "genqd_" + random.hex(32);
    made.entry.sha256 = crypto::sha256_hex(made.token);
    return made;
}

}  // namespace genq::app
