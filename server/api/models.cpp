#include <algorithm>

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
    return holds(model.id) || holds(model.name) || holds(model.good_for) || std::ranges::any_of(model.aliases, holds);
}

std::chrono::seconds longest_wait(const Options& options, const catalogue::Model& model) {
    return options.longest_wait.at(static_cast<std::size_t>(model.profile));
}

const polling::Learnt* learnt_of(const polling::Laws& laws, const catalogue::Model& model) {
    const auto found = laws.find(model.id);
    return found == laws.end() ? nullptr : found->second.get();
}

}  // namespace

Answer list_models(Core& core, Context& context) {
    Query query(std::move(context.parameters));
    query.refuse_others({"kind", "family", "q"});
    const auto kinds = query.all("kind");
    std::vector<Family> families;
    for (const auto text : query.all("family")) {
        if (const auto family = family_from(text)) {
            families.push_back(*family);
        } else {
            query.fault("family", "is not a family");
        }
    }
    const std::string words = lower(query.one("q").value_or(""));
    if (!query.faults().empty()) co_return to_response(invalid(std::move(query.faults())));

    const auto catalogue = core.services.catalogue();
    const auto laws = core.services.engine.snapshot()->durations;
    std::string body;
    json::Writer out(body);
    out.begin_object().key("models").begin_array();
    for (const auto& model : catalogue->models()) {
        if (!kinds.empty() && std::ranges::find(kinds, std::string_view(model.kind)) == kinds.end()) continue;
        if (!families.empty() && std::ranges::find(families, model.family) == families.end()) continue;
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
