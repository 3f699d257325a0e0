#include <algorithm>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>

#include "common/json/pointer.hpp"
#include "common/json/writer.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/job_filter.hpp"
#include "server/api/request_body.hpp"
#include "server/store/retry_rules.hpp"

namespace genq::api {

namespace {

namespace asio = boost::asio;
namespace bj = boost::json;

constexpr std::size_t most_jobs = 10'000;
constexpr int page_jobs = 200;
// At once: the store gathers them into one commit.
constexpr std::size_t at_once = 64;

enum class Action { cancel, retry, erase };

struct BulkRequest {
    Action action{};
    std::string action_name;
    store::JobFilter filter;
    bool dry_run = false;
};

struct Candidate {
    JobId id;
    std::string caller;
    std::string model;
};

struct Candidates {
    std::vector<Candidate> jobs;  // newest first
    std::int64_t skipped = 0;
    bool more = false;
};

bool may_be(Action action, JobStatus status) {
    switch (action) {
        case Action::cancel:
            return !is_terminal(status);
        case Action::retry:
            return status == JobStatus::failed || status == JobStatus::canceled;
        case Action::erase:
            return is_terminal(status);
    }
    return false;
}

std::optional<Action> action_from(std::string_view text) {
    if (text == "cancel") return Action::cancel;
    if (text == "retry") return Action::retry;
    if (text == "delete") return Action::erase;
    return std::nullopt;
}

/// The filter's members as the listing's parameters.
std::vector<std::pair<std::string, std::string>> parameters_of(const bj::object& filter,
                                                               std::vector<json::Fault>& faults) {
    std::vector<std::pair<std::string, std::string>> parameters;
    const auto add = [&](std::string_view key, const bj::value& value) {
        if (const auto* text = value.if_string()) {
            parameters.emplace_back(key, *text);
            return true;
        }
        return false;
    };
    for (const auto& member : filter) {
        const auto* array = member.value().if_array();
        const bool is_read =
            array == nullptr
                ? add(member.key(), member.value())
                : std::ranges::all_of(*array, [&](const bj::value& value) { return add(member.key(), value); });
        if (!is_read) {
            faults.push_back({json::child("/filter", member.key()), "must be a string or an array of strings"});
        }
    }
    return parameters;
}

/// Only admins may change what is not theirs, and delete.
Checked<void> restrict_to_own(BulkRequest& request, const Caller& caller) {
    if (caller.scopes.has(Scope::admin)) return {};
    if (request.action == Action::erase)
        return refuse(ProblemCode::forbidden, "to delete in bulk needs the scope admin");
    const auto foreign = [&caller](const std::string& name) { return name != caller.name; };
    if (std::ranges::any_of(request.filter.callers, foreign)) {
        return refuse(ProblemCode::forbidden, "to change others' jobs needs the scope admin");
    }
    request.filter.callers = {caller.name};
    return {};
}

Checked<BulkRequest> read_request(const bj::object& body, const Caller& caller, const catalogue::Catalogue& catalogue) {
    std::vector<json::Fault> faults;
    json::ObjectReader reader(body, "", faults);
    reader.refuse_others({"action", "filter", "all", "dry_run"});
    BulkRequest request;
    if (reader.require("action")) {
        if (const auto name = reader.text("action")) {
            const auto action = action_from(*name);
            if (!action) reader.fault("action", "must be one of cancel, retry, delete");
            request.action = action.value_or(Action::cancel);
            request.action_name = *name;
        }
    }
    request.dry_run = reader.flag("dry_run").value_or(false);
    const bool all = reader.flag("all").value_or(false);
    const auto* filter = reader.object("filter");
    Query query(filter != nullptr ? parameters_of(*filter, faults)
                                  : std::vector<std::pair<std::string, std::string>>());
    query.refuse_others({"status", "model", "family", "kind", "batch_id", "caller", "error_code", "billed",
                         "created_after", "created_before"},
                        "label.");
    // Whose jobs it may be about is decided below.
    request.filter = read_filter(query, Caller{.name = caller.name, .scopes = {Scope::read}}, catalogue).filter;
    for (auto& fault : query.faults()) {
        faults.push_back({json::child("/filter", std::string_view(fault.pointer).substr(1)), std::move(fault.detail)});
    }
    if (faults.empty() && query.parameters().empty() && !all) {
        reader.fault("filter", R"(must not be empty; for all jobs say "all": true)");
    }
    if (!faults.empty()) return std::unexpected(invalid(std::move(faults)));
    if (auto allowed = restrict_to_own(request, caller); !allowed) return std::unexpected(std::move(allowed.error()));
    return request;
}

/// Visits up to `limit` jobs, newest first; true if there are more.
asio::awaitable<Result<bool>> visit(Core& core, store::JobFilter filter, std::size_t limit,
                                    std::function<void(const Job&)> take) {
    std::optional<std::int64_t> before;
    for (std::size_t seen = 0; seen < limit;) {
        const auto size = static_cast<int>(std::min<std::size_t>(page_jobs, limit - seen));
        auto page = co_await core.services.store.list(filter, before, size);
        if (!page) co_return std::unexpected(std::move(page.error()));
        for (const Job& job : page->jobs) take(job);
        if (!page->next) co_return false;
        seen += page->jobs.size();
        before = page->next;
    }
    co_return true;
}

asio::awaitable<Result<Candidates>> find_candidates(Core& core, const BulkRequest& request) {
    Candidates found;
    store::JobFilter fitting = request.filter;
    store::JobFilter others = request.filter;
    fitting.statuses.clear();
    others.statuses.clear();
    for (const JobStatus status : all_job_statuses) {
        const auto& asked = request.filter.statuses;
        if (!asked.empty() && std::ranges::find(asked, status) == asked.end()) continue;
        (may_be(request.action, status) ? fitting : others).statuses.push_back(status);
    }
    if (!fitting.statuses.empty()) {
        const auto more = co_await visit(core, std::move(fitting), most_jobs, [&](const Job& job) {
            if (request.action == Action::retry && !store::retry_target(job, false)) {
                ++found.skipped;
            } else {
                found.jobs.push_back({job.id, job.caller, job.model});
            }
        });
        if (!more) co_return std::unexpected(more.error());
        found.more = *more;
    }
    const auto room = most_jobs - found.jobs.size() - static_cast<std::size_t>(found.skipped);
    if (!others.statuses.empty() && room > 0) {
        const auto more = co_await visit(core, std::move(others), room, [&](const Job&) { ++found.skipped; });
        if (!more) co_return std::unexpected(more.error());
    }
    co_return found;
}

/// True: done. False: refused, as by the single route.
asio::awaitable<Result<bool>> act(Core& core, Action action, const Candidate& job) {
    const auto outcome = [](const auto& result, bool refused = false) -> Result<bool> {
        if (result) return !refused;
        const auto code = result.error().code;
        if (code == errc::conflict || code == errc::not_found) return false;
        return std::unexpected(result.error());
    };
    auto& jobs = core.services.store;
    if (action == Action::cancel) co_return outcome(co_await jobs.cancel(job.id));
    if (action == Action::erase) co_return outcome(co_await jobs.erase(job.id));
    store::RetryOptions options;
    options.next_poll_at = core.services.clock.wall_now();
    options.admission = admission_for(core, job.caller, job.model);
    const auto retried = co_await jobs.retry(job.id, options, {});
    co_return outcome(retried, retried && retried->refused);
}

/// The jobs that it was done to, in their order.
asio::awaitable<Result<std::vector<JobId>>> act_on_all(Core& core, Action action, const std::vector<Candidate>& jobs) {
    const auto executor = co_await asio::this_coro::executor;
    std::vector<JobId> done;
    for (std::size_t from = 0; from < jobs.size(); from += at_once) {
        const auto to = std::min(jobs.size(), from + at_once);
        std::vector<decltype(asio::co_spawn(executor, act(core, action, jobs[0]), asio::deferred))> running;
        for (std::size_t i = from; i < to; ++i) {
            running.push_back(asio::co_spawn(executor, act(core, action, jobs[i]), asio::deferred));
        }
        const auto [order, failures, results] =
            co_await asio::experimental::make_parallel_group(std::move(running))
                .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (failures[i]) std::rethrow_exception(failures[i]);
            if (!results[i]) co_return std::unexpected(results[i].error());
            if (!*results[i]) continue;
            done.push_back(jobs[from + i].id);
            core.services.engine.job_changed(done.back());
        }
    }
    co_return done;
}

}  // namespace

Answer bulk_jobs(Core& core, Context& context) {
    const auto body = read_body(context.request, Body::required);
    if (!body) co_return to_response(body.error());
    const auto catalogue = core.services.catalogue();
    const auto request = read_request(*body, context.caller, *catalogue);
    if (!request) co_return to_response(request.error());
    auto found = co_await find_candidates(core, *request);
    if (!found) co_return to_response(reported(core, context, found.error()));
    // A job that failed for another comes after that one, which so can be taken up first.
    if (request->action == Action::retry) std::ranges::reverse(found->jobs);
    std::vector<JobId> done;
    if (request->dry_run) {
        for (const auto& job : found->jobs) done.push_back(job.id);
    } else {
        auto acted = co_await act_on_all(core, request->action, found->jobs);
        core.services.engine.wake();
        if (!acted) co_return to_response(reported(core, context, acted.error()));
        done = std::move(*acted);
    }
    const auto skipped = found->skipped + static_cast<std::int64_t>(found->jobs.size() - done.size());
    std::string text;
    json::Writer out(text);
    out.begin_object().field("action", request->action_name).field("dry_run", request->dry_run);
    out.field("done", static_cast<std::int64_t>(done.size())).field("skipped", skipped).key("ids").begin_array();
    for (const JobId& id : done) out.value(std::string_view(id.text()));
    out.end_array().field("more", found->more).end_object();
    co_return json_response(200, std::move(text));
}

}  // namespace genq::api
