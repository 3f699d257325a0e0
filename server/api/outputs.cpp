#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "common/crypto/encoding.hpp"
#include "common/http/conditional.hpp"
#include "common/http/media_type.hpp"
#include "common/http/range.hpp"
#include "common/http/url.hpp"
#include "server/api/dto.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"

namespace genq::api {

namespace {

struct File {
    Digest digest;
    std::string media_type;  // "": to be sniffed
    std::string filename;    // "" for none
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

std::string sniff(const http::FileBody& body) {
    std::array<char, http::sniff_bytes> head{};
    const auto got = ::pread(body.file->fd(), head.data(), head.size(), static_cast<off_t>(body.offset));
    const auto size = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    return std::string(http::sniff_media_type({head.data(), size}, size == body.length));
}

http::Response serve(const Context& context, http::FileBody body, File file) {
    const auto& headers = context.request.headers;
    const std::uint64_t size = body.length;
    if (file.media_type.empty()) file.media_type = sniff(body);
    if (is_markup(file.media_type)) file.media_type = "text/plain; charset=utf-8";
    const std::string etag = '"' + file.digest.hex() + '"';
    http::Response response;
    response.headers = {{"ETag", etag},
                        {"Cache-Control", "private, max-age=31536000, immutable"},
                        {"Accept-Ranges", "bytes"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Content-Security-Policy", "sandbox; default-src 'none'"}};
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
    const std::string& text = context.captures.at(1);
    int index = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    const auto output = std::ranges::find(job->outputs, index, &Output::index);
    if (!is_number || output == job->outputs.end()) co_return to_response(not_found("the job has no such output"));
    if (!output->digest) co_return to_response(not_found("the output is not stored yet"));
    auto body = co_await core.services.blobs.open(*output->digest);
    if (!body) {
        // An output that is listed exists: if it does not, something has taken it away.
        core.services.log.error(
            "a listed output can't be opened",
            {{"job", context.job}, {"sha256", output->digest->hex()}, {"detail", body.error().detail}});
        co_return to_response({.code = ProblemCode::internal, .detail = "the output can't be read"});
    }
    co_return serve(context, std::move(*body), {*output->digest, output->media_type, output->filename});
}

Answer get_blob(Core& core, Context& context) {
    const auto digest = Digest::parse(context.captures.front());
    if (!digest) co_return to_response(not_found("there is no such blob"));
    auto body = co_await core.services.blobs.open(*digest);
    if (!body) {
        if (body.error().code == errc::not_found) co_return to_response(not_found("there is no such blob"));
        co_return to_response(reported(core, context, body.error()));
    }
    co_return serve(context, std::move(*body), {*digest, "", ""});
}

}  // namespace genq::api
