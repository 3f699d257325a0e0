#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/error.hpp"
#include "server/catalogue/schema.hpp"
#include "server/domain/family.hpp"

namespace genq::catalogue {

/// What a model is the recommended one for.
struct Use {
    std::string slug;  // "anime"; a kind's name ("image") marks the kind's default
    std::string title;
    std::string advice;
    boost::json::object input;  // preset: fields that a caller did not give
};

/// One entry of the catalogue: a model, or an operation of a family ("veo/extend").
struct Model {
    std::string id;
    std::string wire_id;               // what goes to kie.ai; the id where they agree
    std::vector<std::string> aliases;  // ids that kie.ai does not have and that mean this one
    std::string name;
    Family family{};
    std::string kind;  // image, image-edit, upscale, video, video-edit, music, speech, sfx, …
    PollProfile profile{};
    bool recommended = false;  // kie.ai's guide names it first of its table; a kind's default is a use of its own
    std::string good_for;      // advice for choosing
    int typical_s_from = 0;    // a typical run's seconds
    int typical_s_to = 0;
    std::chrono::seconds longest_wait{0};  // 0: the profile's
    std::string note;
    std::optional<double> credits{};  // what a create costs, where an operator says it
    std::vector<Use> uses{};
    std::shared_ptr<const InputSchema> input{};    // null: not checked
    std::optional<boost::json::object> example{};  // an input that works
};

/// The models that this daemon knows: those compiled in, and those of an operator's folder, which win by id.
/// Immutable once loaded; a reload makes a new one. Any thread.
class Catalogue {
  public:
    /// `dir`: a folder with *.json files of the shipped ones' form, or "". An error names file and entry.
    [[nodiscard]] static Result<std::shared_ptr<const Catalogue>> load(const std::string& dir);

    /// By id, then by alias. nullptr if unknown.
    [[nodiscard]] const Model* find(std::string_view id) const;
    /// In the order of the files.
    [[nodiscard]] const std::vector<Model>& models() const { return models_; }
    struct Recommended {
        const Model* model = nullptr;
        const Use* use = nullptr;
    };
    /// The model for a use; nulls if no entry has it.
    [[nodiscard]] Recommended for_use(std::string_view slug) const;
    /// All uses' slugs, in alphabetical order.
    [[nodiscard]] std::vector<std::string> uses() const;
    /// Up to three slugs near a misspelt one, the nearest first.
    [[nodiscard]] std::vector<std::string> nearest_uses(std::string_view slug) const;
    /// The known id nearest to a misspelt one, or "" when nothing is near.
    [[nodiscard]] std::string nearest(std::string_view id) const;

  private:
    std::vector<Model> models_;
    std::map<std::string, std::size_t, std::less<>> by_name_;
    std::map<std::string, Recommended, std::less<>> by_use_;
};

}  // namespace genq::catalogue
