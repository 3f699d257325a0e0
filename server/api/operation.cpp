#include <fmt/format.h>

#include "server/api/dto.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/openapi_document.hpp"

namespace genq::api {

namespace {

enum class Health { ok, degraded, failing };

std::string_view to_string(Health health) {
    switch (health) {
        case Health::ok:
            return "ok";
        case Health::degraded:
            return "degraded";
        case Health::failing:
            return "failing";
    }
    return "";
}

struct Check {
    std::string_view name;
    Health health = Health::ok;
    std::string detail{};
};

Check upstream_check(const engine::Snapshot& snapshot) {
    Check check{.name = "upstream"};
    for (const auto& hold : snapshot.holds) {
        if (hold.reason == QueueReason::paused || hold.reason == QueueReason::storage) continue;
        check.health = Health::degraded;
        check.detail = fmt::format("{}: {}", to_string(hold.reason), hold.detail);
    }
    if (!snapshot.upstream_ok) check.health = Health::degraded;
    return check;
}

// What keeps creates from being sent and is not kie.ai's doing. Jobs are accepted all the same.
Check submissions_check(const engine::Snapshot& snapshot) {
    Check check{.name = "submissions"};
    for (const auto& hold : snapshot.holds) {
        if (hold.reason != QueueReason::paused && hold.reason != QueueReason::storage) continue;
        check.health = Health::degraded;
        const auto what = hold.model.empty() ? std::string(to_string(hold.reason))
                                             : fmt::format("{} ({})", to_string(hold.reason), hold.model);
        if (!check.detail.empty()) check.detail += "; ";
        check.detail += hold.detail.empty() ? what : fmt::format("{}: {}", what, hold.detail);
    }
    return check;
}

Check disk_check(const Result<std::uint64_t>& free, std::uint64_t wanted) {
    Check check{.name = "disk_space"};
    if (free && *free >= wanted) return check;
    check.health = Health::failing;
    check.detail = free ? fmt::format("{} bytes free, {} wanted", *free, wanted) : "the free space is not known";
    return check;
}

Check database_check(bool answers, bool damaged) {
    if (!answers) return {"database", Health::failing, "the database does not answer"};
    if (!damaged) return {"database"};
    return {"database", Health::failing,
            "the database is damaged: stop the daemon, see what is wrong with `genqd verify`, and put a backup in its "
            "place"};
}

Check blobs_check(std::int64_t damaged) {
    if (damaged == 0) return {"blobs"};
    return {"blobs", Health::degraded,
            fmt::format("{} stored blobs are damaged or can't be read; the log names them: put them back from a backup",
                        damaged)};
}

}  // namespace

Answer healthz(Core&, Context&) {
    co_return json_response(200, R"({"status":"ok"})");
}

Answer readyz(Core& core, Context&) {
    const auto& services = core.services;
    const auto database = co_await services.store.holds();
    const auto free = services.blobs.free_bytes();
    const Integrity integrity = services.integrity();
    const auto snapshot = services.engine.snapshot();
    const std::array checks{
        database_check(database.has_value(), integrity.database_damaged),
        Check{"blob_store", free ? Health::ok : Health::failing, free ? "" : "the folder of the blobs can't be used"},
        blobs_check(integrity.blobs_damaged),
        disk_check(free, core.options.min_free_bytes),
        Check{"draining", core.draining ? Health::failing : Health::ok, core.draining ? "the daemon is stopping" : ""},
        submissions_check(*snapshot),
        upstream_check(*snapshot),
    };
    const Health worst = std::ranges::max(checks, {}, &Check::health).health;
    std::string body;
    json::Writer out(body);
    out.begin_object().field("status", to_string(worst)).key("checks").begin_object();
    for (const Check& check : checks) {
        out.key(check.name).begin_object().field("status", to_string(check.health));
        out.key("detail").text_or_null(check.detail).end_object();
    }
    out.end_object().end_object();
    auto response = json_response(worst == Health::failing ? 503 : 200, std::move(body));
    if (worst == Health::failing) response.headers.add("Retry-After", "5");
    co_return response;
}

Answer get_metrics(Core& core, Context& context) {
    const auto stats = co_await core.services.store.stats();
    if (!stats) co_return to_response(reported(core, context, stats.error()));
    (void)co_await core.services.workers.run([&core]() -> Result<void> {
        core.state_metrics.read_process();
        return {};
    });
    auto text = core.state_metrics.render(*stats, *core.services.engine.snapshot(), *core.services.catalogue(),
                                          core.services.clock.wall_now());
    co_return http::Response{.status = 200,
                             .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
                             .body = std::move(text)};
}

Answer openapi(Core&, Context& context) {
    co_return static_answer(context, openapi_document(),
                            {{"Content-Type", "application/json"}, {"Cache-Control", "no-cache"}});
}

}  // namespace genq::api
