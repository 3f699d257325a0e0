#include "server/api/job_access.hpp"

#include "server/api/auth.hpp"
#include "server/api/dto.hpp"
#include "server/engine/reusable.hpp"
#include "server/store/reuse_key.hpp"

namespace genq::api {

namespace asio = boost::asio;

namespace {

std::unexpected<Problem> no_such_job() {
    return std::unexpected(not_found("there is no such job"));
}

asio::awaitable<Checked<Job>> load(Core& core, Context& context) {
    const auto id = JobId::parse(context.captures.front());
    if (!id) co_return no_such_job();
    context.job = id->text();
    auto job = co_await core.services.store.get(*id);
    if (!job) co_return std::unexpected(reported(core, context, job.error()));
    context.is_about(*job);
    co_return std::move(*job);
}

void add_validators(http::Response& response, const JobView& view) {
    response.headers.add("ETag", job_etag(view.job, view.snapshot));
    if (!is_terminal(view.job.status)) {
        response.headers.add("Retry-After", std::to_string(retry_after(view.estimate(), view.now).count()));
    }
}

}  // namespace

asio::awaitable<Checked<Job>> find_job(Core& core, Context& context) {
    auto job = co_await load(core, context);
    if (job && !context.caller.may_see(job->caller)) co_return no_such_job();
    co_return job;
}

asio::awaitable<Checked<store::Placed>> find_placed_job(Core& core, Context& context) {
    const auto id = JobId::parse(context.captures.front());
    if (!id) co_return no_such_job();
    context.job = id->text();
    auto placed = co_await core.services.store.get_placed(*id, core.services.engine.snapshot()->last_caller);
    if (!placed) co_return std::unexpected(reported(core, context, placed.error()));
    context.is_about(placed->job);
    if (!context.caller.may_see(placed->job.caller)) co_return no_such_job();
    co_return std::move(*placed);
}

asio::awaitable<Checked<Job>> find_job_to_change(Core& core, Context& context) {
    auto job = co_await load(core, context);
    if (!job) co_return job;
    if (auto allowed = authorize_change(context.caller, job->caller); !allowed) {
        co_return std::unexpected(std::move(allowed.error()));
    }
    co_return job;
}

asio::awaitable<Checked<Job>> wait_for(Core& core, const Context& context, JobId id, SteadyTime until,
                                       std::function<bool(const Job&)> enough) {
    // Watched before it is read, so that no change is missed.
    auto ticket = core.services.feed.watch(id.row());
    for (bool in_time = true;;) {
        auto job = co_await core.services.store.get(id);
        if (!job) co_return std::unexpected(reported(core, context, job.error()));
        if (!in_time || core.draining || enough(*job)) co_return std::move(*job);
        in_time = co_await ticket.wait(until);
    }
}

Admission admission_for(Core& core, std::string_view caller, std::string_view model) {
    const auto catalogue = core.services.catalogue();
    const auto* known = catalogue->find(model);
    return core.services.tokens()->admission(caller, known != nullptr ? known->credits : std::nullopt);
}

asio::awaitable<void> prepare_reuse(Core& core, NewJob& job) {
    constexpr std::size_t largest_hashed_here = 64 << 10;
    const auto key = [&job] { return store::reuse_key(job); };
    job.reuse_key = job.input.size() > largest_hashed_here ? co_await core.services.workers.run(key) : key();
    co_await pass_over_damaged(core, job);
}

asio::awaitable<void> pass_over_damaged(Core& core, NewJob& job) {
    if (!job.reuse_after || job.reuse_key.empty()) co_return;
    job.reuse_after = co_await engine::below_whole(core.services.store, core.services.blobs, job.reuse_key);
}

http::Response json_response(int status, std::string body) {
    return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

http::Response job_response(Core& core, const Job& job, int status, std::optional<int> position,
                            const UrlSigner* signer) {
    const auto snapshot = core.services.engine.snapshot();
    const auto catalogue = core.services.catalogue();
    const JobView view{job, *snapshot, *catalogue, core.services.clock.wall_now(), core.options, position, signer};
    std::string body;
    body.reserve(2048);
    json::Writer out(body);
    write_job(out, view);
    auto response = json_response(status, std::move(body));
    add_validators(response, view);
    return response;
}

http::Response unchanged_response(Core& core, const Job& job, std::optional<int> position) {
    const auto snapshot = core.services.engine.snapshot();
    const auto catalogue = core.services.catalogue();
    http::Response response{.status = 304, .headers = {}, .body = {}};
    const JobView view{job, *snapshot, *catalogue, core.services.clock.wall_now(), core.options, position};
    add_validators(response, view);
    return response;
}

Problem reported(Core& core, const Context& context, const Error& error) {
    Problem problem = from_error(error);
    if (problem.code == ProblemCode::not_found) problem.detail = "there is no such job";
    if (problem.code == ProblemCode::internal) {
        core.services.log.error(
            "a request failed",
            {{"request_id", context.request_id}, {"error", to_string(error.code)}, {"detail", error.detail}});
    }
    return problem;
}

}  // namespace genq::api
