#include "server/webhooks/secrets.hpp"

#include <fmt/format.h>

#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"

namespace genq::webhooks {

namespace {

constexpr std::string_view prefix = "whsec_";
constexpr std::size_t fewest_bytes = 24;
constexpr std::size_t most_bytes = 64;

}  // namespace

Result<Secrets> read_secrets(const std::vector<std::string>& texts) {
    Secrets secrets;
    for (const std::string& text : texts) {
        const auto bytes = text.starts_with(prefix) ? crypto::from_base64(std::string_view(text).substr(prefix.size()))
                                                    : fail(errc::invalid_argument, "");
        if (!bytes || bytes->size() < fewest_bytes || bytes->size() > most_bytes) {
            return fail(errc::invalid_argument,
                        fmt::format("secret {} of {} has to be whsec_ and the base64 of {} to {} bytes",
                                    secrets.size() + 1, texts.size(), fewest_bytes, most_bytes));
        }
        secrets.push_back(*bytes);
    }
    return secrets;
}

std::string sign(const Secrets& secrets, std::string_view id, std::int64_t timestamp, std::string_view body) {
    const std::string text = fmt::format("{}.{}.{}", id, timestamp, body);
    std::string signatures;
    for (const std::string& secret : secrets) {
        if (!signatures.empty()) signatures += ' ';
        signatures += "v1," + crypto::to_base64(crypto::hmac_sha256(secret, text));
    }
    return signatures;
}

}  // namespace genq::webhooks
