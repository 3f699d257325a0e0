#include <fmt/format.h>

#include <algorithm>

#include "common/crypto/encoding.hpp"
#include "common/http/conditional.hpp"
#include "common/http/range.hpp"
#include "common/http/url.hpp"
#include "server/api/dto.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"

namespace genq::api {

namespace asio = boost::asio;

namespace {

struct File {
    Digest digest;
    std::string media_type;
    std::string filename;  // "" for none
};

std::string repr_digest(const Digest& digest) {
    const auto bytes = crypto::from_hex(digest.hex());
    return "sha-256=:" + crypto::to_base64(crypto::bytes_of(bytes.value_or(""))) + ":";
}

// RFC 6266: an ASCII name for all, and the exact one where that is not the same. Media is shown, the rest is saved.
std::string disposition(const File& file) {
    const bool is_media = file.media_type.starts_with("image/") || file.media_type.starts_with("video/") ||
                          file.media_type.starts_with("audio/");
    std::string plain;
    for (const char c : file.filename) {
        const bool is_safe = c >= ' ' && c < '\x7F' && c != '"' && c != '\\' && c != '/' && c != '%';
        plain += is_safe ? c : '_';
    }
    std::string text = fmt::format("{}; filename=\"{}\"", is_media ? "inline" : "attachment", plain);
    if (plain != file.filename) text += "; filename*=UTF-8''" + http::percent_encode(file.filename);
    return text;
}

// Nothing that a model made may act as a page of ours.
bool is_markup(std::string_view media_type) {
    return media_type.starts_with("text/html") || media_type.starts_with("application/xhtml") ||
           media_type.starts_with("image/svg") || media_type.ends_with("/xml") || media_type.ends_with("+xml");
}

http::Response serve(const Context& context, http::FileBody body, File file) {
    const auto& headers = context.request.headers;
    const std::uint64_t size = body.length;
    if (is_markup(file.media_type)) file.media_type = "text/plain; charset=utf-8";
    const std::string etag = '"' + file.digest.hex() + '"';
    http::Response response;
    response.headers = {{"ETag", etag},
                        {"Cache-Control", "private, max-age=31536000, immutable"},
                        {"Accept-Ranges", "bytes"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Content-Security-Policy", "sandbox; default-src 'none'"}};
    // In the order of RFC 9110 §13.2.2. Dates (If-Modified-Since, If-Unmodified-Since) are to be ignored where there is
    // no modification date (§13.1.3, §13.1.4): content that is named by its digest has none.
    if (headers.has("If-Match") && !http::match_holds(joined(headers, "If-Match"), etag)) {
        return to_response(Problem{.code = ProblemCode::precondition_failed,
                                   .detail = "If-Match does not name these bytes",
                                   .headers = {{"ETag", etag}}});
    }
    if (http::none_match_names(joined(headers, "If-None-Match"), etag)) {
        response.status = 304;
        return response;
    }
    http::Range range;
    if (!context.is_head && http::if_range_holds(headers.get("If-Range"), etag)) {
        range = http::parse_range(headers.get("Range"), size);
    }
    if (range.kind == http::Range::Kind::unsatisfiable) {
        return to_response(Problem{.code = ProblemCode::range_not_satisfiable,
                                   .detail = fmt::format("the content has {} bytes", size),
                                   .headers = {{"Content-Range", http::content_range_unsatisfied(size)}}});
    }
    response.headers.add("Content-Type", file.media_type);
    response.headers.add("Repr-Digest", repr_digest(file.digest));
    if (!file.filename.empty()) response.headers.add("Content-Disposition", disposition(file));
    if (range.kind == http::Range::Kind::part) {
        response.status = 206;
        response.headers.add("Content-Range", http::content_range(range, size));
        body.offset += range.first;
        body.length = range.length();
    }
    response.body = std::move(body);
    return response;
}

// Damage is said: who has these bytes from before can know that they are what is left.
Problem unreadable(const Error& error) {
    return {.code = ProblemCode::internal,
            .detail = error.code == errc::corrupt ? "the stored bytes are damaged, so they are not given out"
                                                  : "the stored bytes can't be read"};
}

}  // namespace

Answer list_outputs(Core& core, Context& context) {
    const auto job = co_await find_job(core, context);
    if (!job) co_return to_response(job.error());
    std::string body;
    json::Writer out(body);
    out.begin_object().key("outputs");
    write_outputs(out, *job);
    out.end_object();
    co_return json_response(200, std::move(body));
}

Answer get_output(Core& core, Context& context) {
    const auto job = co_await find_job(core, context);
    if (!job) co_return to_response(job.error());
    // By its text, so that an output has one path alone: neither /00 nor /+0 is /0.
    const auto output = std::ranges::find(job->outputs, context.captures.at(1),
                                          [](const Output& one) { return std::to_string(one.index); });
    if (output == job->outputs.end()) co_return to_response(not_found("the job has no such output"));
    if (!output->digest) co_return to_response(not_found("the output is not stored yet"));
    auto blob = co_await core.services.blobs.open(*output->digest);
    if (!blob) {
        // An output that is listed exists: if it does not, something has taken it away.
        core.services.log.error(
            "a listed output can't be opened",
            {{"job", context.job}, {"sha256", output->digest->hex()}, {"detail", blob.error().detail}});
        co_return to_response(unreadable(blob.error()));
    }
    co_return serve(context, std::move(blob->body), {*output->digest, output->media_type, output->filename});
}

namespace {

asio::awaitable<http::Response> serve_blob(Core& core, const Context& context, Digest digest, std::string filename) {
    auto blob = co_await core.services.blobs.open(digest);
    if (!blob) {
        if (blob.error().code == errc::not_found) co_return to_response(not_found("there is no such blob"));
        core.services.log.error("a blob can't be opened", {{"sha256", digest.hex()}, {"detail", blob.error().detail}});
        co_return to_response(unreadable(blob.error()));
    }
    co_return serve(context, std::move(blob->body), {digest, std::move(blob->media_type), std::move(filename)});
}

}  // namespace

Answer get_blob(Core& core, Context& context) {
    const auto digest = Digest::parse(context.captures.front());
    if (!digest) co_return to_response(not_found("there is no such blob"));
    co_return co_await serve_blob(core, context, *digest, "");
}

// The signature is the permission, so the route itself is open.
Answer get_signed_blob(Core& core, Context& context) {
    const Problem refused{.code = ProblemCode::forbidden,
                          .detail = "the URL's signature does not hold, or has expired"};
    const auto parameter = [&context](std::string_view name) {
        const auto found = std::ranges::find(context.parameters, name, [](const auto& one) { return one.first; });
        return found == context.parameters.end() ? std::string_view() : std::string_view(found->second);
    };
    const auto digest = Digest::parse(context.captures[0]);
    const auto exp = parameter("exp");
    const auto expires = read_expiry(exp);
    if (!digest || !expires) co_return to_response(refused);
    const std::string path = blob_path(*digest, context.captures[1]);
    const auto keys = core.services.url_keys();
    const bool holds = signature_holds(*keys, path, exp, parameter("sig"));
    if (!holds || *expires <= core.services.clock.wall_now()) co_return to_response(refused);
    co_return co_await serve_blob(core, context, *digest, context.captures[1]);
}

}  // namespace genq::api
