#include <tuple>

#include "common/http/conditional.hpp"
#include "server/api/dto.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/query.hpp"

namespace genq::api {

namespace asio = boost::asio;

namespace {

constexpr int longest_signed_s = 7 * 86'400;

// What a reader with `wait` waits for: a change of what it knows (it sent If-None-Match), or else the end.
struct Enough {
    const Core& core;
    bool knows = false;
    std::string etag;  // of the first look

    bool operator()(const Job& job) const {
        return knows ? job_etag(job, *core.services.engine.snapshot()) != etag : is_terminal(job.status);
    }
};

}  // namespace

Answer get_job(Core& core, Context& context) {
    Query query(std::move(context.parameters));
    query.refuse_others({"wait", "sign"});
    const auto wait = query.integer("wait", 0, 60);
    const auto sign = query.integer("sign", 1, longest_signed_s);
    if (!query.faults().empty()) co_return to_response(invalid(std::move(query.faults())));

    auto found = co_await find_placed_job(core, context);
    if (!found) co_return to_response(found.error());
    auto [job, position] = std::move(*found);
    const auto first = job_etag(job, *core.services.engine.snapshot());
    const std::string known = joined(context.request.headers, "If-None-Match");
    // Who asks for signed URLs wants new ones, whatever version it knows.
    const bool knows = !sign && http::none_match_names(known, first);
    if (wait.value_or(0) > 0) {
        const Enough enough{core, knows, first};
        // Whoever knows another version than the present one is answered at once.
        const bool answer_now = known.empty() ? enough(job) : !knows;
        if (!answer_now) {
            const auto until = core.services.clock.now() + std::chrono::seconds(*wait);
            if (auto later = co_await wait_for(core, context, job.id, until, enough); !later) {
                co_return to_response(later.error());
            }
            // Once more, with its place now: others went before it meanwhile.
            found = co_await find_placed_job(core, context);
            if (!found) co_return to_response(found.error());
            std::tie(job, position) = std::tie(found->job, found->position);
        }
    }

    if (knows && job_etag(job, *core.services.engine.snapshot()) == first) {
        co_return unchanged_response(core, job, position);
    }
    if (!sign) co_return job_response(core, job, 200, position);
    const auto keys = core.services.url_keys();
    const UrlSigner signer{*keys, own_base(core.options.public_url, context.host, context.request.tls),
                           core.services.clock.wall_now() + std::chrono::seconds(*sign)};
    co_return job_response(core, job, 200, position, &signer);
}

}  // namespace genq::api
