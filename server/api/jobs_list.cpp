#include <fmt/format.h>

#include "common/http/url.hpp"
#include "server/api/cursor.hpp"
#include "server/api/dto.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/job_body.hpp"
#include "server/api/query.hpp"

namespace genq::api {

namespace {

constexpr int default_limit = 50;
constexpr int max_limit = 200;

// The values of a closed set: repeated, or several with commas.
template <class T>
std::vector<T> named(Query& query, std::string_view name, std::optional<T> (*read)(std::string_view)) {
    std::vector<T> values;
    for (std::string_view text : query.all(name)) {
        for (bool more = true; more;) {
            const auto comma = text.find(',');
            const auto item = text.substr(0, comma);
            if (const auto value = read(item)) {
                values.push_back(*value);
            } else {
                query.fault(name, fmt::format("{} is not one of its values", item));
            }
            more = comma != std::string_view::npos;
            if (more) text.remove_prefix(comma + 1);
        }
    }
    return values;
}

std::vector<std::string> texts(Query& query, std::string_view name) {
    std::vector<std::string> values;
    for (const auto text : query.all(name)) {
        if (text.empty()) query.fault(name, "must not be empty");
        values.emplace_back(text);
    }
    return values;
}

// The kinds that the catalogue has, and those that a model gets which it does not know.
std::vector<std::string> kinds(Query& query, const catalogue::Catalogue& catalogue) {
    auto values = texts(query, "kind");
    for (const auto& kind : values) {
        const auto& models = catalogue.models();
        const bool known = std::ranges::find(models, kind, &catalogue::Model::kind) != models.end() ||
                           std::ranges::find(all_families, kind, &passed_through_kind) != all_families.end();
        if (!known && !kind.empty()) query.fault("kind", fmt::format("{} is not a kind of any model", kind));
    }
    return values;
}

struct Listing {
    store::JobFilter filter;
    std::optional<std::int64_t> before;
    int limit = default_limit;
    bool nothing = false;  // no job can fit
};

Listing read_listing(Query& query, const Caller& caller, const catalogue::Catalogue& catalogue) {
    Listing listing;
    auto& filter = listing.filter;
    query.refuse_others({"status", "model", "family", "kind", "batch_id", "caller", "error_code", "billed",
                         "created_after", "created_before", "limit", "cursor"},
                        "label.");
    filter.statuses = named<JobStatus>(query, "status", &job_status_from);
    filter.families = named<Family>(query, "family", &family_from);
    filter.error_codes = named<JobErrorCode>(query, "error_code", &job_error_code_from);
    filter.billed = named<Billed>(query, "billed", &billed_from);
    filter.models = texts(query, "model");
    for (auto& model : filter.models) {
        if (const auto* known = catalogue.find(model)) model = known->id;
    }
    filter.kinds = kinds(query, catalogue);
    filter.callers = texts(query, "caller");
    for (const auto& [key, value] : query.starting_with("label.")) {
        if (key.empty()) query.fault("label.", "must name a label: label.KEY=VALUE");
        filter.labels.emplace_back(key, value);
    }
    std::ranges::sort(filter.labels);
    filter.created_after = query.time("created_after");
    filter.created_before = query.time("created_before");
    listing.limit = query.integer("limit", 1, max_limit).value_or(default_limit);
    if (const auto cursor = query.one("cursor")) {
        listing.before = from_cursor(*cursor);
        if (!listing.before) query.fault("cursor", "is not a cursor of this list");
    }
    if (const auto batch = query.one("batch_id")) {
        filter.batch = BatchId::parse(*batch);
        if (!filter.batch) query.fault("batch_id", "is not an id: 26 characters of Crockford's base32");
    }
    if (caller.sees_own_only()) {
        const bool asks_for_own =
            filter.callers.empty() || std::ranges::find(filter.callers, caller.name) != filter.callers.end();
        listing.nothing = listing.nothing || !asks_for_own;
        filter.callers = {caller.name};
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
    if (!listing.nothing) {
        auto found = co_await core.services.store.list(std::move(listing.filter), listing.before, listing.limit);
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
