#pragma once
#include "server/api/options.hpp"
#include "server/api/request_context.hpp"
#include "server/api/routes.hpp"

namespace genq::api {

/// Who the bearer of the request is. Without configured tokens: anonymous, who may do everything. 401 for a token that
/// is missing or not known.
[[nodiscard]] Checked<Caller> authenticate(const http::Fields& headers, const TokenSet& tokens);

/// True if the route needs no token.
[[nodiscard]] bool is_open(Access access, const Options& options);

/// 403 if the caller's scopes don't reach; for `own_read` and `act` the handler checks whose job it is.
[[nodiscard]] Checked<void> authorize(Access access, const Caller& caller);

/// May this caller cancel, retry or delete a job of `owner`? 404 if it may not even see the job, else 403.
[[nodiscard]] Checked<void> authorize_change(const Caller& caller, std::string_view owner);

}  // namespace genq::api
