#include "server/store/reuse_key.hpp"

#include "common/crypto/sha256.hpp"
#include "common/json/canonical.hpp"
#include "common/json/parse.hpp"

namespace genq::store {

std::string reuse_key(const NewJob& job) {
    constexpr std::size_t digits = 32;  // 128 bits: no two inputs meet by chance
    const auto value = json::parse(job.input);
    if (!value) return {};
    std::string text;
    // NUL can't stand in any of them.
    for (const std::string_view part :
         {std::string_view(job.caller), std::string_view(job.model), to_string(job.family)}) {
        text.append(part).push_back('\0');
    }
    text += json::canonical(*value);
    return crypto::sha256_hex(text).substr(0, digits);
}

}  // namespace genq::store
