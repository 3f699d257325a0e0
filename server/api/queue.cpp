#include "common/core/rfc3339.hpp"
#include "server/api/dto.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/job_body.hpp"
#include "server/api/request_body.hpp"

namespace genq::api {

namespace {

constexpr std::size_t max_text_bytes = 500;
constexpr std::size_t told_as_next = 5;

// The ready jobs whose turn comes next, in its order, were there tokens and places for all of them. Those of a model
// that is paused, and of a caller with all the jobs running that it may, are passed over.
boost::asio::awaitable<Result<std::vector<JobId>>> next_in_line(Core& core) {
    const auto snapshot = core.services.engine.snapshot();
    store::PassedOver passed;
    passed.models.insert(snapshot->paused_models.begin(), snapshot->paused_models.end());
    passed.callers.insert(snapshot->full_callers.begin(), snapshot->full_callers.end());
    std::string last_caller = snapshot->last_caller;
    std::vector<JobId> ids;
    while (ids.size() < told_as_next) {
        const auto job = co_await core.services.store.next_ready(last_caller, passed);
        if (!job) co_return std::unexpected(job.error());
        if (!*job) break;
        ids.push_back((*job)->id);
        passed.rows.insert((*job)->id.row());
        last_caller = (*job)->caller;
    }
    co_return ids;
}

// "" for absent or null, which stand for all models; an alias is resolved.
std::string read_model(json::ObjectReader& reader, const catalogue::Catalogue& catalogue) {
    if (const auto* value = reader.find("model"); value == nullptr || value->is_null()) return {};
    const auto name = reader.text("model", max_text_bytes);
    if (!name) return {};
    if (name->empty()) reader.fault("model", "must not be empty");
    const auto* known = catalogue.find(*name);
    return known != nullptr ? known->id : std::string(*name);
}

std::string read_reason(json::ObjectReader& reader) {
    if (const auto* value = reader.find("reason"); value == nullptr || value->is_null()) return {};
    return std::string(reader.text("reason", max_text_bytes).value_or(""));
}

// A pause of a model that nobody has would hold nothing, and its misspelling go unseen. A model that is passed through
// is known by its jobs.
boost::asio::awaitable<Checked<void>> check_in_use(Core& core, const Context& context, std::string model) {
    const auto catalogue = core.services.catalogue();
    if (model.empty() || catalogue->find(model) != nullptr) co_return Checked<void>{};
    const auto stats = co_await core.services.store.stats();
    if (!stats) co_return std::unexpected(reported(core, context, stats.error()));
    if (std::ranges::find(stats->counts, model, &store::CountRow::model) != stats->counts.end()) {
        co_return Checked<void>{};
    }
    auto detail = not_in_catalogue(*catalogue, model);
    co_return std::unexpected(
        Problem{.code = ProblemCode::unknown_model, .detail = detail, .errors = {{"/model", detail}}});
}

}  // namespace

Answer get_queue(Core& core, Context& context) {
    const auto stats = co_await core.services.store.stats();
    if (!stats) co_return to_response(reported(core, context, stats.error()));
    const auto snapshot = core.services.engine.snapshot();
    const auto ready = co_await core.services.store.count_ready(
        {snapshot->paused_models.begin(), snapshot->paused_models.end()}, most_ready_counted);
    if (!ready) co_return to_response(reported(core, context, ready.error()));
    auto next = co_await next_in_line(core);
    if (!next) co_return to_response(reported(core, context, next.error()));
    std::string body;
    json::Writer out(body);
    write_queue(out, *stats, {.ready = *ready, .next = std::move(*next)}, *snapshot, core.services.clock.wall_now(),
                core.services.clock.now());
    co_return json_response(200, std::move(body));
}

Answer pause_queue(Core& core, Context& context) {
    const auto body = read_body(context.request, Body::optional);
    if (!body) co_return to_response(body.error());
    std::vector<json::Fault> faults;
    json::ObjectReader reader(*body, "", faults);
    reader.refuse_others({"until", "model", "reason"});
    engine::PauseRequest request{.until = reader.time("until"),
                                 .model = read_model(reader, *core.services.catalogue()),
                                 .reason = read_reason(reader)};
    if (request.until && *request.until <= core.services.clock.wall_now())
        reader.fault("until", "must be in the future");
    if (!faults.empty()) co_return to_response(invalid(std::move(faults)));
    if (auto known = co_await check_in_use(core, context, request.model); !known) co_return to_response(known.error());
    const auto paused = co_await core.services.engine.pause(std::move(request));
    if (!paused) co_return to_response(reported(core, context, paused.error()));
    co_return co_await get_queue(core, context);
}

Answer resume_queue(Core& core, Context& context) {
    const auto body = read_body(context.request, Body::optional);
    if (!body) co_return to_response(body.error());
    std::vector<json::Fault> faults;
    json::ObjectReader reader(*body, "", faults);
    reader.refuse_others({"model", "restored", "fail_queued"});
    std::string model = read_model(reader, *core.services.catalogue());
    const bool restored = reader.flag("restored").value_or(false);
    const bool fail_queued = reader.flag("fail_queued").value_or(false);
    if (restored && !model.empty()) reader.fault("model", "must be absent with `restored`, which is for all models");
    if (fail_queued && !restored) reader.fault("fail_queued", "goes with `restored` only");
    if (!faults.empty()) co_return to_response(invalid(std::move(faults)));
    const auto resumed = restored ? co_await core.services.engine.release_restored(fail_queued)
                                  : co_await core.services.engine.resume(std::move(model));
    if (!resumed) co_return to_response(reported(core, context, resumed.error()));
    co_return co_await get_queue(core, context);
}

Answer get_credits(Core& core, Context& context) {
    // The question would go to kie.ai, whose requests the drain has counted up.
    if (core.draining) co_return to_response(stopping());
    const auto credits = co_await core.services.engine.credits();
    if (!credits && credits.error().code == errc::busy) {
        co_return to_response({.code = ProblemCode::overloaded,
                               .detail = "kie.ai refuses requests for their rate; ask again in a moment"});
    }
    if (!credits) co_return to_response(reported(core, context, credits.error()));
    const auto at = core.services.engine.snapshot()->credits_at.value_or(core.services.clock.wall_now());
    std::string body;
    json::Writer out(body);
    out.begin_object().field("credits", *credits).field("checked_at", to_rfc3339(at)).end_object();
    co_return json_response(200, std::move(body));
}

}  // namespace genq::api
