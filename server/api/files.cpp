#include "server/api/dto.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/request_body.hpp"

namespace genq::api {

namespace asio = boost::asio;

namespace {

/// Takes the body into the blob store as it arrives.
asio::awaitable<Checked<blobs::BlobInfo>> store_body(Core& core, const Context& context) {
    auto writer = core.services.blobs.create();
    if (!writer) co_return std::unexpected(reported(core, context, writer.error()));
    for (;;) {
        const auto piece = co_await context.request.stream->next();
        if (!piece) co_return std::unexpected(broken_body(core.options, "/v1/files", piece.error()));
        if (piece->empty()) break;
        const auto written = co_await (*writer)->write(std::as_bytes(std::span(*piece)));
        if (!written) co_return std::unexpected(reported(core, context, written.error()));
    }
    if ((*writer)->size() == 0) co_return std::unexpected(invalid({{"", "the file is empty"}}));
    auto info = co_await (*writer)->commit();
    if (!info) co_return std::unexpected(reported(core, context, info.error()));
    co_return std::move(*info);
}

}  // namespace

Answer create_file(Core& core, Context& context) {
    // Without framing a request has no body (RFC 9112 §6.3).
    if (context.request.stream == nullptr) {
        co_return to_response({.code = ProblemCode::length_required,
                               .detail = "send the file as the body, with Content-Length or chunked"});
    }
    // A form around the file would be paid for as the file.
    if (http::iequals(context.request.headers.get("Content-Type").substr(0, 10), "multipart/")) {
        co_return to_response(
            {.code = ProblemCode::unsupported_media_type,
             .detail = "send the file's own bytes as the body, not a form: curl --data-binary @FILE"});
    }
    // Nobody would take the coding off again.
    if (const auto coding = context.request.headers.find("Content-Encoding");
        coding && !http::iequals(*coding, "identity")) {
        co_return to_response({.code = ProblemCode::unsupported_media_type,
                               .detail = "send the file as it is, without a Content-Encoding"});
    }
    if (const auto free = core.services.blobs.free_bytes(); free && *free < core.options.min_free_bytes) {
        co_return to_response(
            {.code = ProblemCode::storage_full, .detail = "the disk is nearly full; nothing was stored"});
    }
    const auto info = co_await store_body(core, context);
    if (!info) co_return to_response(info.error());
    auto key = read_file_key(context, info->digest);
    if (!key) co_return to_response(key.error());
    const auto replayed = co_await core.services.store.accept_file({info->digest, context.caller.name}, *key);
    if (!replayed) co_return to_response(reported(core, context, replayed.error()));
    const std::string& hex = info->digest.hex();
    std::string body;
    json::Writer out(body);
    out.begin_object().field("sha256", hex).field("bytes", info->bytes).field("media_type", info->media_type);
    out.field("url", "/v1/blobs/" + hex).field("ref", "genqd:blob/" + hex).end_object();
    auto response = json_response(*replayed ? 200 : 201, std::move(body));
    response.headers.add("Location", "/v1/blobs/" + hex);
    if (*replayed) response.headers.add("Idempotency-Replayed", "true");
    co_return response;
}

}  // namespace genq::api
