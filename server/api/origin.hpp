#pragma once
#include "server/api/options.hpp"
#include "server/api/request_context.hpp"

namespace genq::api {

/// Guards against pages in a browser that the daemon's user visits (API.md). While no token is
/// configured `Host` must be an address, `localhost` or a name of ours: else a foreign name that resolves to loopback
/// (DNS rebinding) would get at the jobs. 421 if it is not.
[[nodiscard]] Checked<void> check_host(const Context& context, const Options& options);

/// 403 for a request that may change something and comes from a foreign page (`Origin`, `Sec-Fetch-Site`), unless
/// `http.cors_origins` names it.
[[nodiscard]] Checked<void> check_origin(const Context& context, const Options& options);

/// True for a CORS preflight of an allowed origin, which is answered without a token.
[[nodiscard]] bool is_preflight(const Context& context, const Options& options);
[[nodiscard]] http::Response preflight_answer();

/// Adds the CORS fields if `http.cors_origins` names the request's origin.
void add_cors(const Context& context, const Options& options, http::Response& response);

}  // namespace genq::api
