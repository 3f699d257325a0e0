#include "server/api/tokens.hpp"

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
    for (const Scope scope : {Scope::submit, Scope::read, Scope::admin}) {
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

}  // namespace genq::api
