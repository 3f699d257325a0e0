#include "server/api/auth.hpp"

namespace genq::api {

namespace {

std::unexpected<Problem> unauthorized(std::string detail, std::string challenge) {
    return std::unexpected(Problem{.code = ProblemCode::unauthorized,
                                   .detail = std::move(detail),
                                   .headers = {{"WWW-Authenticate", std::move(challenge)}}});
}

std::unexpected<Problem> lacks(Scope scope) {
    const std::string name(to_string(scope));
    return std::unexpected(
        Problem{.code = ProblemCode::forbidden,
                .detail = "the token lacks the scope " + name,
                .headers = {{"WWW-Authenticate",
                             "Bearer realm=\"genqd\", error=\"insufficient_scope\", scope=\"" + name + "\""}}});
}

}  // namespace

Checked<Caller> authenticate(const http::Fields& headers, const TokenSet& tokens) {
    if (tokens.empty()) return Caller{.scopes = {Scope::submit, Scope::read, Scope::admin}};
    constexpr std::string_view scheme = "Bearer ";
    auto value = headers.get("Authorization");
    if (!http::iequals(value.substr(0, scheme.size()), scheme)) {
        return unauthorized("send a token: Authorization: Bearer <token>", "Bearer realm=\"genqd\"");
    }
    value.remove_prefix(scheme.size());
    while (value.starts_with(' ')) value.remove_prefix(1);
    const Token* token = tokens.find(value);
    if (token == nullptr) {
        return unauthorized("the token is not known", "Bearer realm=\"genqd\", error=\"invalid_token\"");
    }
    return Caller{.name = token->name, .scopes = token->scopes};
}

bool is_open(Access access, const Options& options) {
    switch (access) {
        case Access::open:
            return true;
        case Access::readyz:
            return options.readyz_open;
        case Access::metrics:
            return options.metrics_open;
        case Access::read:
        case Access::submit_and_read:
        case Access::own_read:
        case Access::submit:
        case Access::act:
        case Access::admin:
            return false;
    }
    return false;
}

Checked<void> authorize(Access access, const Caller& caller) {
    const Scopes& scopes = caller.scopes;
    switch (access) {
        case Access::open:
            return {};
        case Access::readyz:
        case Access::metrics:
        case Access::read:
            if (scopes.has(Scope::read)) return {};
            return lacks(Scope::read);
        case Access::submit_and_read:
            if (!scopes.has(Scope::submit)) return lacks(Scope::submit);
            if (!scopes.has(Scope::read)) return lacks(Scope::read);
            return {};
        case Access::own_read:
            if (scopes.has(Scope::read) || scopes.has(Scope::submit)) return {};
            return lacks(Scope::read);
        case Access::submit:
            if (scopes.has(Scope::submit)) return {};
            return lacks(Scope::submit);
        case Access::act:
            if (scopes.has(Scope::submit) || scopes.has(Scope::admin)) return {};
            return lacks(Scope::submit);
        case Access::admin:
            if (scopes.has(Scope::admin)) return {};
            return lacks(Scope::admin);
    }
    return lacks(Scope::admin);
}

Checked<void> authorize_change(const Caller& caller, std::string_view owner) {
    if (caller.scopes.has(Scope::admin)) return {};
    if (owner == caller.name) return {};
    if (!caller.may_see(owner)) return std::unexpected(not_found("there is no such job"));
    return lacks(Scope::admin);
}

}  // namespace genq::api
