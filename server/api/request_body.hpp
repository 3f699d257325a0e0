#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "server/api/core.hpp"
#include "server/api/request_context.hpp"
#include "server/catalogue/catalogue.hpp"
#include "server/domain/job.hpp"
#include "server/store/job_store.hpp"

namespace genq::api {

/// Whether a request may come without a body, which then stands for `{}`.
enum class Body { required, optional };

/// unsupported_media_type unless the body is announced as JSON in UTF-8, as it is.
[[nodiscard]] Checked<void> check_media_type(const http::Request& request);

/// What a request with too long a body is told: the limit of its target, and the key that it is set by.
[[nodiscard]] std::string too_long(const Options& options, std::string_view target);

/// Why the body could not be read from the request's stream to its end.
[[nodiscard]] Problem broken_body(const Options& options, std::string_view target, const Error& error);

/// Takes what the server left in the request's stream into its body.
[[nodiscard]] boost::asio::awaitable<Checked<void>> gather_body(Core& core, Context& context);

/// The JSON object that the request carries. invalid_json, unsupported_media_type, validation_failed (no object).
[[nodiscard]] Checked<boost::json::object> read_body(const http::Request& request, Body body);

/// The same header of POST /v1/files, whose body is known by its digest.
[[nodiscard]] Checked<std::optional<store::IdempotencyKey>> read_file_key(const Context& context, const Digest& digest);

/// `Idempotency-Key` with the hash of the body's canonical form, or nullopt. `route`: what the key is good for.
/// validation_failed for a key that is not 1–255 visible characters of ASCII, or is given twice. A large body is hashed
/// on a thread of the pool; `core`, `context` and `body` must outlive the call.
[[nodiscard]] boost::asio::awaitable<Checked<std::optional<store::IdempotencyKey>>> read_idempotency_key(
    Core& core, const Context& context, std::string route, const boost::json::object& body);

/// The seconds of `Prefer: wait=N` (RFC 7240), cut to 60; nullopt if it is absent or no number, since what can't be
/// preferred is ignored (§2).
[[nodiscard]] std::optional<int> read_preferred_wait(const http::Fields& headers);

}  // namespace genq::api
