#include <array>
#include <map>

#include "common/core/rfc3339.hpp"
#include "common/json/writer.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/query.hpp"

namespace genq::api {

namespace {

constexpr std::string_view label_prefix = "label.";

struct Group {
    std::array<std::int64_t, all_job_statuses.size()> by_status{};
    std::int64_t jobs = 0;
    Millicredits told = 0;
    Millicredits assumed = 0;
    Millicredits reserved = 0;

    void add(const store::UsageRow& row) {
        by_status.at(static_cast<std::size_t>(row.status)) += row.jobs;
        jobs += row.jobs;
        told += row.told;
        assumed += row.assumed;
        reserved += row.reserved;
    }
};

void write_members(json::Writer& out, const Group& group) {
    out.field("jobs", group.jobs);
    out.key("statuses").begin_object();
    for (const JobStatus status : all_job_statuses) {
        out.field(to_string(status), group.by_status.at(static_cast<std::size_t>(status)));
    }
    out.end_object();
    out.field("credits", to_credits(group.told)).field("credits_estimated", to_credits(group.assumed));
    out.field("credits_reserved", to_credits(group.reserved));
}

store::UsageQuery read_usage(Query& query, const Caller& caller, WallTime now) {
    query.refuse_others({"by", "from", "to"});
    store::UsageQuery wanted{
        .by = store::UsageBy::model, .from = std::chrono::floor<std::chrono::days>(now), .to = std::nullopt};
    const auto by = query.one("by").value_or("model");
    if (by == "caller") {
        wanted.by = store::UsageBy::caller;
    } else if (by.starts_with(label_prefix) && by.size() > label_prefix.size()) {
        wanted.by = store::UsageBy::label;
        wanted.label = by.substr(label_prefix.size());
    } else if (by != "model") {
        query.fault("by", "must be model, caller or label.KEY");
    }
    if (const auto from = query.time("from")) wanted.from = *from;
    wanted.to = query.time("to");
    if (query.faults().empty() && wanted.to.value_or(now) < wanted.from) {
        query.fault(wanted.to ? "to" : "from", wanted.to ? "must not be before from" : "must not be in the future");
    }
    if (caller.sees_own_only()) wanted.caller = caller.name;
    return wanted;
}

}  // namespace

Answer get_usage(Core& core, Context& context) {
    const WallTime now = core.services.clock.wall_now();
    Query query(std::move(context.parameters));
    const auto wanted = read_usage(query, context.caller, now);
    if (!query.faults().empty()) co_return to_response(invalid(std::move(query.faults())));
    const auto rows = co_await core.services.store.usage(wanted);
    if (!rows) co_return to_response(reported(core, context, rows.error()));

    Group total;
    std::map<std::optional<std::string>, Group> groups;
    for (const auto& row : *rows) {
        groups[row.key].add(row);
        total.add(row);
    }
    std::string body;
    json::Writer out(body);
    out.begin_object().field("by", query.one("by").value_or("model"));
    out.field("from", to_rfc3339(wanted.from)).field("to", to_rfc3339(wanted.to.value_or(now)));
    out.key("usage").begin_array();
    for (const auto& [key, group] : groups) {
        out.begin_object().field("key", key);
        write_members(out, group);
        out.end_object();
    }
    out.end_array().key("total").begin_object();
    write_members(out, total);
    out.end_object().end_object();
    co_return json_response(200, std::move(body));
}

}  // namespace genq::api
