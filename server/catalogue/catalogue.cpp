#include "server/catalogue/catalogue.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "server/catalogue/nearest.hpp"
#include "server/catalogue/read_models.hpp"
#include "server/catalogue/shipped.hpp"

namespace genq::catalogue {
namespace {

namespace fs = std::filesystem;

struct Source {
    std::string name;
    std::string content;
};

/// The models of one place, shipped or the operator's; an id may occur once in it.
Result<std::vector<Model>> read_all(const std::vector<Source>& sources) {
    std::vector<Model> all;
    std::set<std::string> slugs;
    for (const auto& source : sources) {
        auto models = read_models(source.name, source.content);
        if (!models) return std::unexpected(models.error());
        for (auto& model : *models) {
            if (std::ranges::find(all, model.id, &Model::id) != all.end()) {
                return fail(errc::invalid_argument, fmt::format("{}: `{}` is there twice", source.name, model.id));
            }
            for (const auto& use : model.uses) {
                if (!slugs.insert(use.slug).second) {
                    return fail(errc::invalid_argument,
                                fmt::format("{}: `{}`: the use `{}` is there twice", source.name, model.id, use.slug));
                }
            }
            all.push_back(std::move(model));
        }
    }
    return all;
}

std::vector<Source> shipped_sources() {
    std::vector<Source> sources;
    for (const auto& file : shipped_files()) {
        sources.push_back({std::string(file.name), std::string(file.content)});
    }
    return sources;
}

Result<std::vector<Source>> sources_in(const std::string& dir) {
    std::error_code error;
    std::vector<fs::path> paths;
    for (auto entry = fs::directory_iterator(dir, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        if (entry->path().extension() == ".json") paths.push_back(entry->path());
    }
    if (error) return fail(errc::io, fmt::format("can't list the models in {}: {}", dir, error.message()));
    std::ranges::sort(paths);

    std::vector<Source> sources;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        if (!file.is_open() || file.bad()) return fail(errc::io, fmt::format("can't read {}", path.string()));
        sources.push_back({path.string(), std::move(content)});
    }
    return sources;
}

/// The operator's entry takes the place of the shipped one of its id, and its uses from whoever had them; a new one
/// comes last.
void merge(std::vector<Model>& models, std::vector<Model> overriding) {
    for (auto& model : models) {
        std::erase_if(model.uses, [&](const Use& use) {
            return std::ranges::any_of(overriding, [&](const Model& other) {
                return std::ranges::find(other.uses, use.slug, &Use::slug) != other.uses.end();
            });
        });
    }
    for (auto& model : overriding) {
        const auto found = std::ranges::find(models, model.id, &Model::id);
        if (found != models.end()) {
            *found = std::move(model);
        } else {
            models.push_back(std::move(model));
        }
    }
}

}  // namespace

Result<std::shared_ptr<const Catalogue>> Catalogue::load(const std::string& dir) {
    auto models = read_all(shipped_sources());
    if (!models) return std::unexpected(models.error());
    if (!dir.empty()) {
        auto sources = sources_in(dir);
        if (!sources) return std::unexpected(sources.error());
        auto overriding = read_all(*sources);
        if (!overriding) return std::unexpected(overriding.error());
        merge(*models, std::move(*overriding));
    }

    auto catalogue = std::make_shared<Catalogue>();
    catalogue->models_ = std::move(*models);
    for (const auto& model : catalogue->models_) {
        for (const auto& use : model.uses) catalogue->by_use_.emplace(use.slug, Recommended{&model, &use});
    }
    // Ids first: one that kie.ai has means itself, also where an older entry still lists it as an alias.
    for (std::size_t i = 0; i < catalogue->models_.size(); ++i) {
        catalogue->by_name_.emplace(catalogue->models_[i].id, i);
    }
    for (std::size_t i = 0; i < catalogue->models_.size(); ++i) {
        for (const auto& alias : catalogue->models_[i].aliases) {
            const auto [place, is_new] = catalogue->by_name_.emplace(alias, i);
            const auto& owner = catalogue->models_[place->second];
            if (!is_new && owner.id != alias && place->second != i) {
                return fail(errc::invalid_argument, fmt::format("the alias `{}` leads to both `{}` and `{}`", alias,
                                                                owner.id, catalogue->models_[i].id));
            }
        }
    }
    return catalogue;
}

const Model* Catalogue::find(std::string_view id) const {
    const auto found = by_name_.find(id);
    return found == by_name_.end() ? nullptr : &models_[found->second];
}

Catalogue::Recommended Catalogue::for_use(std::string_view slug) const {
    const auto found = by_use_.find(slug);
    return found == by_use_.end() ? Recommended{} : found->second;
}

std::vector<std::string> Catalogue::uses() const {
    std::vector<std::string> slugs;
    slugs.reserve(by_use_.size());
    for (const auto& [slug, recommended] : by_use_) slugs.push_back(slug);
    return slugs;
}

std::vector<std::string> Catalogue::nearest_uses(std::string_view slug) const {
    constexpr std::size_t most = 3;
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const auto& [known, recommended] : by_use_) {
        const auto distance = slug.size() > 100 ? slug.size() : edit_distance(slug, known);
        if (distance <= farthest_near(slug)) near.emplace_back(distance, known);
    }
    std::ranges::sort(near);
    std::vector<std::string> slugs;
    for (auto& [distance, known] : near) {
        if (slugs.size() < most) slugs.push_back(std::move(known));
    }
    return slugs;
}

std::string Catalogue::nearest(std::string_view id) const {
    std::string best;
    std::size_t best_distance = farthest_near(id) + 1;
    for (const auto& [name, index] : by_name_) {
        const auto distance = distance_to_id(id, name);
        if (distance >= best_distance) continue;
        best_distance = distance;
        best = models_[index].id;
    }
    return best;
}

}  // namespace genq::catalogue
