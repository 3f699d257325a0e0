#include "common/core/rfc3339.hpp"
#include "server/api/dto.hpp"
#include "server/api/estimate.hpp"

namespace genq::api {

namespace {

std::int64_t jobs_in(const store::QueueStats& stats, JobStatus status) {
    std::int64_t jobs = 0;
    for (const auto& row : stats.counts) {
        if (row.status == status) jobs += row.jobs;
    }
    return jobs;
}

}  // namespace

void write_queue(json::Writer& out, const store::QueueStats& stats, const Line& line, const engine::Snapshot& snapshot,
                 WallTime now, SteadyTime steady_now) {
    out.begin_object().key("depth").begin_object();
    for (const JobStatus status : all_job_statuses) out.field(to_string(status), jobs_in(stats, status));
    out.end_object();
    std::optional<double> age;
    if (stats.oldest_ready_at) age = std::chrono::duration<double>(now - *stats.oldest_ready_at).count();
    out.field("oldest_queued_at", to_rfc3339(stats.oldest_ready_at)).field("oldest_age_s", age);
    out.key("next").begin_array();
    for (const JobId id : line.next) out.value(id.text());
    out.end_array();
    // Jobs that wait for a time, for others or for their model have reasons of their own.
    const bool waiting = line.ready > 0;
    out.key("reason").text_or_null(waiting ? to_string(snapshot.reason) : "");
    out.key("reason_detail").text_or_null(waiting ? std::string_view(snapshot.reason_detail) : "");

    out.key("holds").begin_array();
    for (const auto& hold : snapshot.holds) {
        out.begin_object().field("reason", to_string(hold.reason)).key("model").text_or_null(hold.model);
        out.key("detail").text_or_null(hold.detail);
        out.field("since", to_rfc3339(hold.since)).field("until", to_rfc3339(hold.until)).end_object();
    }
    out.end_array();

    std::optional<std::int64_t> next_token_ms;
    if (snapshot.next_token_in) next_token_ms = snapshot.next_token_in->count();
    out.key("limiter").begin_object().field("limit", snapshot.limit);
    out.field("window_s", std::chrono::duration<double>(snapshot.window).count());
    out.field("tokens_free", snapshot.tokens_free).field("next_token_in_ms", next_token_ms);
    out.key("returns_in_ms").begin_array();
    for (const SteadyTime at : snapshot.token_returns) {
        if (at > steady_now) out.value(std::chrono::ceil<std::chrono::milliseconds>(at - steady_now).count());
    }
    out.end_array().end_object();
    out.key("running").begin_object().field("tasks", snapshot.tasks_running).field("max_tasks", snapshot.max_tasks);
    out.field("downloads", snapshot.downloads_running).end_object();
    out.key("credits").begin_object().field("balance", snapshot.credits);
    out.field("checked_at", to_rfc3339(snapshot.credits_at)).end_object();
    out.key("throughput").begin_object().field("creates_per_minute", snapshot.creates_per_minute);
    out.field("finished_per_minute", snapshot.finished_per_minute).end_object();
    // Of more than are counted all that are queued may be ready.
    const auto drain =
        drain_time(snapshot, line.ready < most_ready_counted ? line.ready : jobs_in(stats, JobStatus::queued));
    std::optional<double> drain_s;
    if (drain) drain_s = std::chrono::duration<double>(*drain).count();
    out.field("estimated_drain_s", drain_s).end_object();
}

}  // namespace genq::api
