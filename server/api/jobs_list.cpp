#include "common/http/url.hpp"
#include "server/api/cursor.hpp"
#include "server/api/dto.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/job_filter.hpp"
#include "server/api/query.hpp"

namespace genq::api {

namespace {

constexpr int default_limit = 50;
constexpr int max_limit = 200;

struct Listing {
    JobQuery wanted;
    std::optional<std::int64_t> before;
    int limit = default_limit;
};

Listing read_listing(Query& query, const Caller& caller, const catalogue::Catalogue& catalogue) {
    Listing listing;
    query.refuse_others({"status", "model", "family", "kind", "batch_id", "caller", "error_code", "billed",
                         "created_after", "created_before", "limit", "cursor"},
                        "label.");
    listing.wanted = read_filter(query, caller, catalogue);
    listing.limit = query.integer("limit", 1, max_limit).value_or(default_limit);
    if (const auto cursor = query.one("cursor")) {
        listing.before = from_cursor(*cursor);
        if (!listing.before) query.fault("cursor", "is not a cursor of this list");
    }
    return listing;
}

// The same list from the cursor on, as a Link (RFC 8288).
std::string next_link(const Query& query, std::string_view cursor) {
    std::string link = "</v1/jobs?";
    for (const auto& [key, value] : query.parameters()) {
        if (key != "cursor") link += http::percent_encode(key) + "=" + http::percent_encode(value) + "&";
    }
    link += "cursor=";
    link += cursor;
    return link + ">; rel=\"next\"";
}

}  // namespace

Answer list_jobs(Core& core, Context& context) {
    const auto catalogue = core.services.catalogue();
    Query query(std::move(context.parameters));
    Listing listing = read_listing(query, context.caller, *catalogue);
    if (!query.faults().empty()) co_return to_response(invalid(std::move(query.faults())));

    store::JobPage page;
    if (!listing.wanted.nothing) {
        auto found = co_await core.services.store.list(std::move(listing.wanted.filter), listing.before, listing.limit);
        if (!found) co_return to_response(reported(core, context, found.error()));
        page = std::move(*found);
    }
    const auto snapshot = core.services.engine.snapshot();
    const auto now = core.services.clock.wall_now();
    std::string body;
    body.reserve(64 + 2048 * page.jobs.size());
    json::Writer out(body);
    out.begin_object().key("jobs").begin_array();
    for (const Job& job : page.jobs) write_job(out, {job, *snapshot, *catalogue, now, core.options, std::nullopt});
    out.end_array();
    std::optional<std::string> cursor;
    if (page.next) cursor = to_cursor(*page.next);
    out.field("next_cursor", cursor).end_object();
    auto response = json_response(200, std::move(body));
    if (cursor) response.headers.add("Link", next_link(query, *cursor));
    co_return response;
}

}  // namespace genq::api
