#include "server/api/tokens.hpp"

#include <algorithm>

#include "common/crypto/hmac.hpp"
#include "common/crypto/sha256.hpp"

namespace genq::api {

std::string_view to_string(Scope scope) {
    switch (scope) {
        case Scope::submit:
            return "submit";
        case Scope::read:
            return "read";
        case Scope::admin:
            return "admin";
    }
    return "";
}

std::optional<Scope> scope_from(std::string_view text) {
    for (const Scope scope : all_scopes) {
        if (to_string(scope) == text) return scope;
    }
    return std::nullopt;
}

const Token* TokenSet::find(std::string_view bearer) const {
    const std::string digest = crypto::sha256_hex(bearer);
    const Token* found = nullptr;
    for (const Token& token : tokens_) {
        if (crypto::constant_time_equal(token.sha256, digest)) found = &token;
    }
    return found;
}

Admission TokenSet::admission(std::string_view caller, std::optional<double> price) const {
    Admission admission{.daemon = daemon_.budget, .unknown_credits = daemon_.unknown_credits};
    if (price) admission.price = to_millicredits(*price);
    const auto own = std::ranges::find(tokens_, caller, &Token::name);
    if (own != tokens_.end()) admission.caller = own->budget;
    return admission;
}

}  // namespace genq::api
