#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "server/api/request_context.hpp"
#include "server/catalogue/catalogue.hpp"
#include "server/domain/job.hpp"
#include "server/store/job_store.hpp"

namespace genq::api {

/// Whether a request may come without a body, which then stands for `{}`.
enum class Body { required, optional };

/// The JSON object that the request carries. invalid_json, unsupported_media_type, validation_failed (no object).
[[nodiscard]] Checked<boost::json::object> read_body(const http::Request& request, Body body);

/// `Idempotency-Key` with the hash of the body's canonical form, or nullopt. `route`: what the key is good for.
/// validation_failed for a key that is not 1–255 visible characters of ASCII.
[[nodiscard]] Checked<std::optional<store::IdempotencyKey>> read_idempotency_key(const Context& context,
                                                                                 std::string route,
                                                                                 const boost::json::object& body);

/// The seconds of `Prefer: wait=N` (RFC 7240), at most 60; nullopt if it is absent or no number, since what can't be
/// preferred is ignored.
[[nodiscard]] std::optional<int> read_preferred_wait(const http::Fields& headers);

}  // namespace genq::api
