#include "server/catalogue/read_models.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace genq::catalogue {
namespace {

namespace bj = boost::json;

constexpr std::int64_t longest_seconds = 7LL * 24 * 3600;

std::string_view view(bj::string_view text) {
    return {text.data(), text.size()};
}

std::optional<PollProfile> profile_for(Family family, std::string_view kind) {
    const auto is_one_of = [kind](std::initializer_list<std::string_view> kinds) {
        return std::ranges::find(kinds, kind) != kinds.end();
    };
    if (family == Family::midjourney) return PollProfile::midjourney;
    if (is_one_of({"image", "image-edit", "upscale"})) return PollProfile::image;
    if (is_one_of({"video", "video-edit"})) return PollProfile::video;
    if (is_one_of({"music", "lyrics", "speech", "sfx", "dialogue", "transcription", "isolation"})) {
        return PollProfile::audio;
    }
    return std::nullopt;
}

/// Reads one entry. The first fault is kept and ends in fault(); the getters go on with defaults after it.
class EntryReader {
  public:
    explicit EntryReader(const bj::object& entry) : entry_(entry) {}

    [[nodiscard]] Model read() {
        reject_unknown();
        Model model;
        model.id = required_text("id");
        model.wire_id = optional_text("wire_id", model.id);
        model.aliases = texts("aliases");
        model.name = required_text("name");
        model.kind = required_text("kind");
        model.good_for = optional_text("good_for", "");
        model.note = optional_text("note", "");
        model.recommended = flag("recommended");
        read_family_and_profile(model);
        read_typical(model);
        model.longest_wait = std::chrono::seconds(seconds("longest_wait_s", entry_.if_contains("longest_wait_s"), 0));
        read_credits(model);
        read_uses(model);
        read_input(model);
        return model;
    }

    [[nodiscard]] const std::string& fault() const { return fault_; }

  private:
    void blame(std::string fault) {
        if (fault_.empty()) fault_ = std::move(fault);
    }

    void reject_unknown() {
        constexpr std::array<std::string_view, 16> known{
            "id",       "wire_id",   "aliases",        "name", "family",  "kind", "profile", "recommended",
            "good_for", "typical_s", "longest_wait_s", "note", "credits", "uses", "input",   "example"};
        for (const auto& member : entry_) {
            if (std::ranges::find(known, view(member.key())) == known.end()) {
                blame(fmt::format("unknown member `{}`", view(member.key())));
            }
        }
    }

    std::string required_text(std::string_view name) {
        const auto* value = entry_.if_contains(bj::string_view(name.data(), name.size()));
        if (value == nullptr || !value->is_string() || value->get_string().empty()) {
            blame(fmt::format("`{}` must be a text", name));
            return {};
        }
        return std::string(view(value->get_string()));
    }

    std::string optional_text(std::string_view name, std::string_view otherwise) {
        if (!entry_.contains(bj::string_view(name.data(), name.size()))) return std::string(otherwise);
        return required_text(name);
    }

    bool flag(std::string_view name) {
        const auto* value = entry_.if_contains(bj::string_view(name.data(), name.size()));
        if (value == nullptr) return false;
        if (!value->is_bool()) blame(fmt::format("`{}` must be true or false", name));
        return value->is_bool() && value->get_bool();
    }

    std::vector<std::string> texts(std::string_view name) {
        const auto* value = entry_.if_contains(bj::string_view(name.data(), name.size()));
        if (value == nullptr) return {};
        std::vector<std::string> result;
        if (value->is_array()) {
            for (const auto& element : value->get_array()) {
                if (element.is_string()) result.emplace_back(view(element.get_string()));
            }
        }
        if (!value->is_array() || result.size() != value->get_array().size()) {
            blame(fmt::format("`{}` must be a list of texts", name));
        }
        return result;
    }

    int seconds(std::string_view name, const bj::value* value, int otherwise) {
        if (value == nullptr) return otherwise;
        if (!value->is_int64() || value->get_int64() < 0 || value->get_int64() > longest_seconds) {
            blame(fmt::format("`{}` must be whole seconds, 0 to {}", name, longest_seconds));
            return otherwise;
        }
        return static_cast<int>(value->get_int64());
    }

    void read_family_and_profile(Model& model) {
        const auto family = family_from(required_text("family"));
        if (!family) return blame("`family` is none of kie.ai's families");
        model.family = *family;
        auto profile = profile_for(model.family, model.kind);
        if (entry_.contains("profile")) {
            profile = poll_profile_from(required_text("profile"));
            if (!profile) blame("`profile` must be image, video, audio or midjourney");
        }
        if (!profile) return blame(fmt::format("the kind `{}` needs a `profile`", model.kind));
        model.profile = *profile;
    }

    void read_typical(Model& model) {
        const auto* value = entry_.if_contains("typical_s");
        if (value == nullptr) return;
        if (!value->is_array() || value->get_array().size() != 2) {
            return blame("`typical_s` must be a list of two numbers of seconds");
        }
        model.typical_s_from = seconds("typical_s", &value->get_array()[0], 0);
        model.typical_s_to = seconds("typical_s", &value->get_array()[1], 0);
        if (model.typical_s_from > model.typical_s_to) blame("`typical_s` must not fall");
    }

    void read_credits(Model& model) {
        constexpr double most = 1e6;
        const auto* value = entry_.if_contains("credits");
        if (value == nullptr) return;
        const double credits = value->is_number() ? value->to_number<double>() : -1;
        if (!(credits >= 0 && credits <= most)) return blame("`credits` must be a number, 0 to 1000000");
        model.credits = credits;
    }

    void read_uses(Model& model) {
        const auto* list = entry_.if_contains("uses");
        if (list == nullptr) return;
        if (!list->is_array()) return blame("`uses` must be a list");
        for (const auto& element : list->get_array()) {
            const std::string at = fmt::format("`uses`, {}: ", model.uses.size() + 1);
            if (!element.is_object()) return blame(at + "must be an object");
            Use use;
            for (const auto& member : element.get_object()) {
                const auto name = view(member.key());
                auto* const text = name == "use"      ? &use.slug
                                   : name == "title"  ? &use.title
                                   : name == "advice" ? &use.advice
                                                      : nullptr;
                if (text != nullptr && member.value().is_string()) {
                    *text = view(member.value().get_string());
                } else if (name == "input" && member.value().is_object()) {
                    use.input = member.value().get_object();
                } else {
                    return blame(fmt::format("{}`{}` is not a member, or not of its type", at, name));
                }
            }
            if (use.slug.empty() || use.title.empty()) return blame(at + "`use` and `title` must be texts");
            model.uses.push_back(std::move(use));
        }
    }

    void read_input(Model& model) {
        if (const auto* example = entry_.if_contains("example")) {
            if (!example->is_object()) return blame("`example` must be an object");
            model.example = example->get_object();
        }
        const auto* schema = entry_.if_contains("input");
        if (schema == nullptr) return;
        if (!schema->is_object()) return blame("`input` must be a JSON Schema");
        auto compiled = InputSchema::compile(schema->get_object());
        if (!compiled) return blame("`input`: " + compiled.error().detail);
        model.input = *std::move(compiled);
    }

    const bj::object& entry_;
    std::string fault_;
};

std::string name_entry(std::size_t number, const bj::object& entry) {
    const auto* id = entry.if_contains("id");
    if (id == nullptr || !id->is_string()) return fmt::format("entry {}", number);
    return fmt::format("entry {} (`{}`)", number, view(id->get_string()));
}

}  // namespace

Result<std::vector<Model>> read_models(std::string_view file, std::string_view content) {
    boost::system::error_code error;
    const auto root = bj::parse(bj::string_view(content.data(), content.size()), error);
    if (error) return fail(errc::invalid_argument, fmt::format("{}: not JSON: {}", file, error.message()));
    const auto* list = root.is_object() ? root.get_object().if_contains("models") : nullptr;
    if (list == nullptr || !list->is_array()) {
        return fail(errc::invalid_argument, fmt::format("{}: not an object with a list `models`", file));
    }
    std::vector<Model> models;
    for (const auto& element : list->get_array()) {
        const std::size_t number = models.size() + 1;
        if (!element.is_object()) {
            return fail(errc::invalid_argument, fmt::format("{}: entry {}: not an object", file, number));
        }
        EntryReader reader(element.get_object());
        models.push_back(reader.read());
        if (!reader.fault().empty()) {
            return fail(errc::invalid_argument,
                        fmt::format("{}: {}: {}", file, name_entry(number, element.get_object()), reader.fault()));
        }
    }
    return models;
}

}  // namespace genq::catalogue
