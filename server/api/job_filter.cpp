#include "server/api/job_filter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/api/job_body.hpp"

namespace genq::api {

namespace {

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

}  // namespace

JobQuery read_filter(Query& query, const Caller& caller, const catalogue::Catalogue& catalogue) {
    JobQuery wanted;
    auto& filter = wanted.filter;
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
    if (const auto batch = query.one("batch_id")) {
        filter.batch = BatchId::parse(*batch);
        if (!filter.batch) query.fault("batch_id", "is not an id: 26 characters of Crockford's base32");
    }
    if (caller.sees_own_only()) {
        wanted.nothing =
            !filter.callers.empty() && std::ranges::find(filter.callers, caller.name) == filter.callers.end();
        filter.callers = {caller.name};
    }
    return wanted;
}

}  // namespace genq::api
