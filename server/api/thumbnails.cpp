#include <algorithm>

#include "common/http/conditional.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/query.hpp"

namespace genq::api {

namespace {

constexpr int usual_width = 320;

Problem refusal(const Error& error) {
    switch (error.code) {
        case errc::unsupported:
            return not_found("there is no thumbnail: " + error.detail);
        case errc::malformed:
        case errc::timeout:
        case errc::too_large:
            return not_found("there is no thumbnail: no picture can be made of these bytes");
        case errc::busy:
        case errc::canceled:
            return {.code = ProblemCode::overloaded, .detail = error.detail, .headers = {{"Retry-After", "5"}}};
        case errc::corrupt:
            return {.code = ProblemCode::internal,
                    .detail = "the stored bytes are damaged, so no picture is made of them"};
        default:
            return {.code = ProblemCode::internal, .detail = "the thumbnail can't be made now"};
    }
}

}  // namespace

Answer get_thumbnail(Core& core, Context& context) {
    Query query(std::move(context.parameters));
    query.refuse_others({"w"});
    const auto width = query.integer("w", media::least_width, media::most_width);
    if (!query.faults().empty()) co_return to_response(invalid(std::move(query.faults())));
    const auto job = co_await find_job(core, context);
    if (!job) co_return to_response(job.error());
    const auto output = std::ranges::find(job->outputs, context.captures.at(1),
                                          [](const Output& one) { return std::to_string(one.index); });
    if (output == job->outputs.end()) co_return to_response(not_found("the job has no such output"));
    if (!output->digest) co_return to_response(not_found("the output is not stored yet"));
    if (core.services.thumbnails == nullptr) co_return to_response(not_found("this daemon makes no thumbnails"));

    // The bytes and the width make the picture, so whoever has it needs no new one.
    const int pixels = width.value_or(usual_width);
    const std::string etag = '"' + output->digest->hex() + "-" + std::to_string(pixels) + '"';
    http::Response response;
    response.headers = {{"ETag", etag},
                        {"Cache-Control", "private, max-age=31536000, immutable"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Content-Security-Policy", "sandbox; default-src 'none'"}};
    if (http::none_match_names(joined(context.request.headers, "If-None-Match"), etag)) {
        response.status = 304;
        co_return response;
    }
    auto made = co_await core.services.thumbnails->thumbnail(*output->digest, output->media_type, pixels);
    if (!made) {
        const auto problem = refusal(made.error());
        if (problem.code == ProblemCode::internal) {
            core.services.log.error("a thumbnail can't be made",
                                    {{"job", context.job}, {"detail", made.error().detail}});
        }
        co_return to_response(problem);
    }
    response.headers.add("Content-Type", "image/webp");
    response.body = std::move(*made);
    co_return response;
}

}  // namespace genq::api
