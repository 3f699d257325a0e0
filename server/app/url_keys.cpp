#include "server/app/url_keys.hpp"

#include <fmt/format.h>

#include "common/crypto/encoding.hpp"
#include "common/fs/atomic_file.hpp"

namespace genq::app {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t longest_file = 4096;

std::string file_of(const std::string& state_dir) {
    return state_dir + "/url_keys";
}

Result<api::UrlKeys> parse(std::string_view text, const std::string& file) {
    api::UrlKeys keys;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        auto key = crypto::from_hex(line);
        if (!key || key->size() != key_bytes) {
            return fail(errc::corrupt, fmt::format("{} is no file of keys for signed URLs. Restore it, or remove it: "
                                                   "then a new one is made, and URLs given out no longer hold.",
                                                   file));
        }
        keys.keys.push_back(std::move(*key));
    }
    if (keys.keys.empty()) return fail(errc::corrupt, file + " is empty: remove it, and a new key is made.");
    return keys;
}

Result<api::UrlKeys> read(const std::string& file) {
    auto text = fs::read_file(file, longest_file);
    if (!text) return std::unexpected(text.error());
    return parse(*text, file);
}

Result<void> write(const std::string& file, const api::UrlKeys& keys) {
    std::string text;
    for (const auto& key : keys.keys) text += crypto::to_hex(crypto::bytes_of(key)) + "\n";
    return fs::write_file_atomically(file, text);
}

std::string new_key(Random& random) {
    std::string key(key_bytes, '\0');
    random.fill(std::as_writable_bytes(std::span(key)));
    return key;
}

}  // namespace

Result<std::shared_ptr<const api::UrlKeys>> load_url_keys(const std::string& state_dir, Random& random) {
    const auto file = file_of(state_dir);
    auto keys = read(file);
    if (!keys && keys.error().code == errc::not_found) {
        keys = api::UrlKeys{{new_key(random)}};
        if (auto written = write(file, *keys); !written) return std::unexpected(written.error());
    }
    if (!keys) return std::unexpected(keys.error());
    return std::make_shared<const api::UrlKeys>(std::move(*keys));
}

Result<void> rotate_url_keys(const std::string& state_dir, Random& random) {
    const auto file = file_of(state_dir);
    auto keys = load_url_keys(state_dir, random);
    if (!keys) return std::unexpected(keys.error());
    return write(file, {{new_key(random), (*keys)->keys.front()}});
}

}  // namespace genq::app
