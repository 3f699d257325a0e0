#include <algorithm>
#include <set>

#include "server/api/dto.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/job_body.hpp"
#include "server/api/query.hpp"

namespace genq::api {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

// Any of its texts holds `words` (lower case), whatever the case of letters.
bool mentions(const catalogue::Model& model, std::string_view words) {
    const auto holds = [&](std::string_view text) { return lower(text).find(words) != std::string::npos; };
    return holds(model.id) || holds(model.name) || holds(model.good_for) || std::ranges::any_of(model.aliases, holds) ||
           std::ranges::any_of(model.uses, [&](const auto& use) { return holds(use.slug) || holds(use.title); });
}

std::chrono::seconds longest_wait(const Options& options, const catalogue::Model& model) {
    return options.longest_wait.at(static_cast<std::size_t>(model.profile));
}

const polling::Learnt* learnt_of(const polling::Laws& laws, const catalogue::Model& model) {
    const auto found = laws.find(model.id);
    return found == laws.end() ? nullptr : found->second.get();
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::vector<std::string> kinds_of(const catalogue::Catalogue& catalogue) {
    std::set<std::string> kinds;
    for (const auto& model : catalogue.models()) kinds.insert(model.kind);
    return {kinds.begin(), kinds.end()};
}

bool has_use(const catalogue::Model& model, const std::vector<std::string_view>& slugs) {
    return std::ranges::any_of(model.uses,
                               [&](const auto& use) { return std::ranges::find(slugs, use.slug) != slugs.end(); });
}

}  // namespace

Answer list_models(Core& core, Context& context) {
    Query query(std::move(context.parameters));
    query.refuse_others({"kind", "use", "family", "q"});
    const auto catalogue = core.services.catalogue();
    const auto kinds = query.all("kind");
    const auto known_kinds = kinds_of(*catalogue);
    for (const auto kind : kinds) {
        if (std::ranges::find(known_kinds, kind) == known_kinds.end()) {
            query.fault("kind", "must be one of " + listed(known_kinds));
        }
    }
    const auto uses = query.all("use");
    for (const auto use : uses) {
        if (catalogue->for_use(use).model == nullptr) query.fault("use", "must be one of " + listed(catalogue->uses()));
    }
    std::vector<Family> families;
    for (const auto text : query.all("family")) {
        if (const auto family = family_from(text)) {
            families.push_back(*family);
        } else {
            query.fault("family", "must be one of " + family_names());
        }
    }
    const std::string words = lower(query.one("q").value_or(""));
    if (!query.faults().empty()) co_return to_response(invalid(std::move(query.faults())));

    const auto laws = core.services.engine.snapshot()->durations;
    std::string body;
    json::Writer out(body);
    out.begin_object().key("models").begin_array();
    for (const auto& model : catalogue->models()) {
        if (!kinds.empty() && std::ranges::find(kinds, std::string_view(model.kind)) == kinds.end()) continue;
        if (!families.empty() && std::ranges::find(families, model.family) == families.end()) continue;
        if (!uses.empty() && !has_use(model, uses)) continue;
        if (mentions(model, words)) {
            write_model(out, model, longest_wait(core.options, model), learnt_of(*laws, model));
        }
    }
    out.end_array().end_object();
    co_return json_response(200, std::move(body));
}

Answer get_model(Core& core, Context& context) {
    const auto catalogue = core.services.catalogue();
    const std::string& id = context.captures.front();
    const auto* model = catalogue->find(id);
    if (model == nullptr) co_return to_response(not_found(not_in_catalogue(*catalogue, id)));
    std::string body;
    json::Writer out(body);
    const auto laws = core.services.engine.snapshot()->durations;
    write_model(out, *model, longest_wait(core.options, *model), learnt_of(*laws, *model));
    co_return json_response(200, std::move(body));
}

}  // namespace genq::api
