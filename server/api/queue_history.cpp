#include <array>

#include "common/core/rfc3339.hpp"
#include "common/json/writer.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/query.hpp"

namespace genq::api {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_step = 24h;
constexpr std::int64_t most_points = 1500;  // a day by minutes
constexpr std::int64_t usual_points = 240;  // that a chart can show
constexpr std::array<std::chrono::minutes, 7> usual_steps{1min, 5min, 15min, 1h, 3h, 12h, 24h};

/// Whole steps: the first begins at or before `from`, the last ends at or after `to`.
store::HistoryQuery aligned(store::HistoryQuery wanted, std::chrono::minutes step) {
    const auto ticks = std::chrono::duration_cast<WallTime::duration>(step);
    wanted.step = step;
    wanted.from -= wanted.from.time_since_epoch() % ticks;
    if (const auto rest = wanted.to.time_since_epoch() % ticks; rest.count() != 0) wanted.to += ticks - rest;
    wanted.to = std::max(wanted.to, wanted.from + ticks);
    return wanted;
}

std::int64_t points_in(const store::HistoryQuery& aligned) {
    return (aligned.to - aligned.from) / aligned.step;
}

store::HistoryQuery read_query(Query& query, WallTime now) {
    query.refuse_others({"from", "to", "step_s"});
    store::HistoryQuery wanted{.from = now - 1h, .to = now};
    if (const auto to = query.time("to")) wanted.to = *to;
    wanted.from = query.time("from").value_or(wanted.to - 1h);
    const auto seconds = query.integer("step_s", 60, static_cast<int>(std::chrono::seconds(longest_step).count()));
    if (seconds && *seconds % 60 != 0) query.fault("step_s", "must be whole minutes: a multiple of 60");
    if (query.faults().empty() && wanted.to < wanted.from) {
        query.fault("from", "must not be later than to, which is now unless it is given");
    }
    if (!query.faults().empty()) return wanted;
    auto whole = aligned(wanted, seconds ? std::chrono::minutes(*seconds / 60) : usual_steps.front());
    for (const auto step : usual_steps) {
        if (seconds || points_in(whole) <= usual_points) break;
        whole = aligned(wanted, step);
    }
    if (points_in(whole) > most_points) {
        const std::string many = "makes more than " + std::to_string(most_points) + " points: ";
        seconds ? query.fault("step_s", many + "ask for longer steps, or for less time")
                : query.fault("from", many + "ask for less time; thirty days are kept");
    }
    return whole;
}

void write_lag(json::Writer& out, std::string_view mean, std::string_view longest, const store::Lag& lag) {
    using Seconds = std::chrono::duration<double>;
    std::optional<double> mean_s;
    std::optional<double> longest_s;
    if (lag.seen > 0) {
        mean_s = Seconds(lag.sum).count() / static_cast<double>(lag.seen);
        longest_s = Seconds(lag.longest).count();
    }
    out.field(mean, mean_s).field(longest, longest_s);
}

void write_point(json::Writer& out, const store::HistoryRow& row) {
    out.begin_object().field("at", to_rfc3339(row.at)).field("accepted", row.accepted).field("creates", row.creates);
    out.field("succeeded", row.succeeded).field("failed", row.failed).field("canceled", row.canceled);
    write_lag(out, "wait_mean_s", "wait_max_s", row.wait);
    write_lag(out, "detection_lag_mean_s", "detection_lag_max_s", row.detection);
    out.end_object();
}

}  // namespace

Answer queue_history(Core& core, Context& context) {
    Query query(std::move(context.parameters));
    const auto wanted = read_query(query, core.services.clock.wall_now());
    if (!query.faults().empty()) co_return to_response(invalid(std::move(query.faults())));
    const auto rows = co_await core.services.store.history(wanted);
    if (!rows) co_return to_response(reported(core, context, rows.error()));
    std::string body;
    json::Writer out(body);
    out.begin_object().field("from", to_rfc3339(wanted.from)).field("to", to_rfc3339(wanted.to));
    out.field("step_s", std::chrono::seconds(wanted.step).count()).key("points").begin_array();
    auto row = rows->begin();
    for (auto at = wanted.from; at < wanted.to; at += wanted.step) {
        write_point(out, row != rows->end() && row->at == at ? *row++ : store::HistoryRow{.at = at});
    }
    out.end_array().end_object();
    co_return json_response(200, std::move(body));
}

}  // namespace genq::api
