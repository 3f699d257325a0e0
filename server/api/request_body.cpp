#include "server/api/request_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "common/crypto/sha256.hpp"
#include "common/json/canonical.hpp"
#include "common/json/parse.hpp"

namespace genq::api {

namespace {

constexpr int longest_wait_s = 60;

// Bytes of a body that may be hashed on the thread that serves its connection, and others.
constexpr std::size_t largest_hashed_here = 64 << 10;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// The next item of a list whose separators don't stand inside quotes; cuts it off `rest`.
std::string_view next_item(std::string_view& rest, std::string_view separators) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < rest.size(); ++end) {
        if (rest[end] == '"') quoted = !quoted;
        if (!quoted && separators.find(rest[end]) != std::string_view::npos) break;
    }
    const auto item = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return item;
}

std::string_view unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
    return text;
}

// application/json or application/<something>+json, in UTF-8 if a charset is named.
bool is_json(std::string_view content_type) {
    auto rest = content_type;
    const auto type = next_item(rest, ";");
    const bool is_plain = http::iequals(type, "application/json");
    const bool is_suffixed = type.size() > 17 && http::iequals(type.substr(0, 12), "application/") &&
                             http::iequals(type.substr(type.size() - 5), "+json");
    if (!is_plain && !is_suffixed) return false;
    while (!rest.empty()) {
        const auto parameter = next_item(rest, ";");
        const auto equals = parameter.find('=');
        if (equals == std::string_view::npos || !http::iequals(trimmed(parameter.substr(0, equals)), "charset"))
            continue;
        if (!http::iequals(unquoted(trimmed(parameter.substr(equals + 1))), "utf-8")) return false;
    }
    return true;
}

}  // namespace

Checked<void> check_media_type(const http::Request& request) {
    if (!is_json(request.headers.get("Content-Type"))) {
        return refuse(ProblemCode::unsupported_media_type,
                      "the body must be JSON in UTF-8: Content-Type: application/json");
    }
    if (const auto coding = request.headers.find("Content-Encoding"); coding && !http::iequals(*coding, "identity")) {
        return refuse(ProblemCode::unsupported_media_type, "send the body without a Content-Encoding");
    }
    return {};
}

std::string too_long(const Options& options, std::string_view target) {
    const auto path = target.substr(0, target.find('?'));
    if (path == "/v1/files") {
        return fmt::format("the file is longer than {} bytes (http.max_file_bytes)", options.max_file_bytes);
    }
    if (path == "/v1/batches") {
        return fmt::format("the batch is longer than {} bytes, 16 times http.max_body_bytes: send it as several",
                           options.max_batch_bytes());
    }
    return fmt::format("the body is longer than {} bytes (http.max_body_bytes)", options.max_body_bytes);
}

Problem broken_body(const Options& options, std::string_view target, const Error& error) {
    switch (error.code) {
        case errc::too_large:
            return {.code = ProblemCode::payload_too_large, .detail = too_long(options, target)};
        case errc::timeout:
            return {.code = ProblemCode::request_timeout, .detail = error.detail};
        case errc::storage_full:
            return from_error(error);
        default:
            return {.code = ProblemCode::invalid_json, .detail = error.detail};
    }
}

boost::asio::awaitable<Checked<void>> gather_body(Core& core, Context& context) {
    while (context.request.stream != nullptr) {
        const auto piece = co_await context.request.stream->next();
        if (!piece) co_return std::unexpected(broken_body(core.options, context.request.target, piece.error()));
        if (piece->empty()) break;
        context.request.body += *piece;
    }
    co_return Checked<void>{};
}

Checked<boost::json::object> read_body(const http::Request& request, Body body) {
    if (request.body.empty()) {
        if (body == Body::optional) return boost::json::object();
        // Without framing a request has no body (RFC 9112 §6.3): fine for `curl -X POST …/cancel`, not here.
        if (!request.has_length) {
            return refuse(ProblemCode::length_required, "send the body with Content-Length or chunked");
        }
        return refuse(ProblemCode::invalid_json, "a JSON body is needed");
    }
    if (auto type = check_media_type(request); !type) return std::unexpected(std::move(type.error()));
    auto value = json::parse(request.body);
    if (!value) return refuse(ProblemCode::invalid_json, "the body is no JSON: " + value.error().detail);
    if (auto* object = value->if_object()) return std::move(*object);
    return std::unexpected(invalid({{"", "the body must be a JSON object"}}));
}

namespace {

/// The header's text; nullopt: there is none.
Checked<std::optional<std::string>> read_key_text(const http::Fields& headers) {
    const auto key = headers.find("Idempotency-Key");
    if (!key) return std::nullopt;
    const auto same_name = [](const auto& field) { return http::iequals(field.first, "Idempotency-Key"); };
    if (std::ranges::count_if(headers, same_name) > 1) {
        return std::unexpected(invalid({{"Idempotency-Key", "must not be given twice"}}));
    }
    const bool is_visible = std::ranges::all_of(*key, [](char c) { return c > ' ' && c < '\x7F'; });
    if (key->empty() || key->size() > 255 || !is_visible) {
        return std::unexpected(invalid({{"Idempotency-Key", "must be 1 to 255 visible characters of ASCII"}}));
    }
    return std::string(*key);
}

}  // namespace

Checked<std::optional<store::IdempotencyKey>> read_file_key(const Context& context, const Digest& digest) {
    auto key = read_key_text(context.request.headers);
    if (!key) return std::unexpected(std::move(key.error()));
    if (!*key) return std::nullopt;
    return store::IdempotencyKey{context.caller.name, "POST /v1/files", std::move(**key), digest.hex()};
}

boost::asio::awaitable<Checked<std::optional<store::IdempotencyKey>>> read_idempotency_key(
    Core& core, const Context& context, std::string route, const boost::json::object& body) {
    auto key = read_key_text(context.request.headers);
    if (!key) co_return std::unexpected(std::move(key.error()));
    if (!*key) co_return std::nullopt;
    const auto hash = [&body] { return crypto::sha256_hex(json::canonical(body)); };
    const bool is_large = context.request.body.size() > largest_hashed_here;
    co_return store::IdempotencyKey{.caller = context.caller.name,
                                    .route = std::move(route),
                                    .key = std::move(**key),
                                    .body_sha256 = is_large ? co_await core.services.workers.run(hash) : hash()};
}

std::optional<int> read_preferred_wait(const http::Fields& headers) {
    const std::string all = joined(headers, "Prefer");
    std::string_view rest = all;
    while (!rest.empty()) {
        auto item = next_item(rest, ",");
        const auto preference = next_item(item, ";");
        const auto equals = preference.find('=');
        if (equals == std::string_view::npos || !http::iequals(trimmed(preference.substr(0, equals)), "wait")) continue;
        const auto text = unquoted(trimmed(preference.substr(equals + 1)));
        unsigned seconds = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        const bool is_huge = error == std::errc::result_out_of_range;
        if ((error != std::errc{} && !is_huge) || end != text.data() + text.size()) return std::nullopt;
        return is_huge ? longest_wait_s : static_cast<int>(std::min<unsigned>(seconds, longest_wait_s));
    }
    return std::nullopt;
}

}  // namespace genq::api
