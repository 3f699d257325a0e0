#include "server/sandbox/families.hpp"

#include <array>

namespace genq::sandbox {
namespace {

std::array<const FamilyTable*, 10> tables() {
    return {&market_table(), &gpt4o_table(), &flux_table(),   &veo_table(),        &runway_table(),
            &aleph_table(),  &suno_table(),  &lyrics_table(), &midjourney_table(), &luma_table()};
}

const Route* search(std::span<const Route> routes, std::string_view method, std::string_view path, bool seed_variants,
                    bool& path_known) {
    for (const auto& route : routes) {
        if (route.path != path) continue;
        if (route.variant == (seed_variants ? Variant::documented : Variant::seed)) continue;
        path_known = true;
        if (route.method == method) return &route;
    }
    return nullptr;
}

}  // namespace

const FamilyTable* family_table(const Task& task) {
    if (task.operation == "lyrics") return &lyrics_table();
    for (const auto* table : tables()) {
        if (table->name == task.family) return table;
    }
    return nullptr;
}

const Route* find_route(std::string_view method, std::string_view path, bool seed_variants, bool& path_known) {
    for (const auto* table : tables()) {
        if (const auto* route = search(table->routes, method, path, seed_variants, path_known)) return route;
    }
    for (const auto routes : {account_routes(), upload_routes()}) {
        if (const auto* route = search(routes, method, path, seed_variants, path_known)) return route;
    }
    return nullptr;
}

Answer<boost::json::value> created(const Answer<Task*>& task) {
    if (!task) return std::unexpected(task.error());
    return boost::json::object{{"taskId", (*task)->id}};
}

boost::json::value complete_time(const Task& task, Phase phase, std::string (*form)(WallTime)) {
    if (phase != Phase::done && phase != Phase::failed) return nullptr;
    return boost::json::value(form(task.ends_wall()));
}

}  // namespace genq::sandbox
