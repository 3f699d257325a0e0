#include "server/api/job_body.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/json/pointer.hpp"
#include "common/json/writer.hpp"
#include "server/api/webhook.hpp"

namespace genq::api {

namespace {

namespace bj = boost::json;

constexpr std::size_t max_labels = 16;
constexpr std::size_t max_label_characters = 128;
constexpr std::size_t max_model_bytes = 200;

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// How a model is watched that the catalogue does not know: by what its family makes.
PollProfile profile_of(Family family) {
    switch (family) {
        case Family::gpt4o:
        case Family::flux:
            return PollProfile::image;
        case Family::suno:
            return PollProfile::audio;
        case Family::midjourney:
            return PollProfile::midjourney;
        // Market makes everything: the profile with the longer waits fits all of it.
        case Family::market:
        case Family::veo:
        case Family::runway:
        case Family::aleph:
        case Family::luma:
            return PollProfile::video;
    }
    return PollProfile::video;
}

// The member of `input` that would only repeat what the model's id says already, or "" (API.md).
std::string_view repeated_member(const catalogue::Model& model) {
    switch (model.family) {
        case Family::midjourney:
            return model.id.starts_with("mj_") ? "taskType" : "";
        case Family::flux:
            return "model";
        case Family::veo:
            return model.id.starts_with("veo/") ? "" : "model";
        case Family::suno:
            return model.id.starts_with("suno/V") ? "model" : "";
        case Family::market:
        case Family::gpt4o:
        case Family::runway:
        case Family::aleph:
        case Family::luma:
            return "";
    }
    return "";
}

void check_repeated(const catalogue::Model& model, const bj::object& input, std::vector<json::Fault>& faults) {
    const auto member = repeated_member(model);
    const auto* value = member.empty() ? nullptr : input.if_contains(member);
    if (value == nullptr) return;
    const auto* text = value->if_string();
    const std::string_view id = model.id;
    const auto said = id.substr(id.find('/') + 1);  // all of it if there is no slash
    if (text != nullptr && (*text == said || *text == id || *text == std::string_view(model.wire_id))) return;
    faults.push_back({json::child("/input", member), fmt::format("contradicts the model {}", id)});
}

struct ModelChoice {
    const catalogue::Model* known = nullptr;
    const catalogue::Use* use = nullptr;
    bool unknown = false;  // and no family says how to ask for it
    std::string detail;
};

ModelChoice choose_by_use(json::ObjectReader& reader, const catalogue::Catalogue& catalogue, NewJob& job) {
    const auto slug = reader.text("use", max_model_bytes);
    if (!slug) return {};
    const auto [model, use] = catalogue.for_use(*slug);
    if (model == nullptr) {
        std::string near;
        for (const auto& one : catalogue.nearest_uses(*slug)) near += (near.empty() ? "" : ", ") + one;
        reader.fault("use", near.empty() ? "is not a use; GET /v1/models lists them"
                                         : fmt::format("is not a use. Did you mean {}?", near));
        return {};
    }
    job.model = model->id;
    return {.known = model, .use = use, .detail = ""};
}

ModelChoice choose_model(json::ObjectReader& reader, bool has_family, const Acceptance& acceptance, NewJob& job) {
    ModelChoice choice;
    if (reader.find("use") != nullptr) {
        if (reader.find("model") == nullptr) return choose_by_use(reader, acceptance.catalogue, job);
        reader.fault("use", "must not be given together with model");
    }
    if (!reader.require("model")) return choice;
    const auto name = reader.text("model", max_model_bytes);
    if (!name) return choice;
    if (name->empty()) {
        reader.fault("model", "must not be empty");
        return choice;
    }
    choice.known = acceptance.catalogue.find(*name);
    if (choice.known != nullptr) {
        job.model = choice.known->id;
        return choice;
    }
    job.model = *name;
    if (has_family && acceptance.allow_unknown_models) return choice;
    choice.unknown = true;
    choice.detail = not_in_catalogue(acceptance.catalogue, *name);
    if (acceptance.allow_unknown_models) choice.detail += " To pass it through unchecked say its family.";
    reader.fault("model", choice.detail);
    return choice;
}

void fill_from_model(const ModelChoice& choice, std::optional<Family> family, NewJob& job) {
    if (choice.known != nullptr) {
        const auto& model = *choice.known;
        job.wire_model = model.wire_id;
        job.family = family.value_or(model.family);
        job.kind = model.kind;
        job.profile = model.profile;
        job.longest_wait = model.longest_wait;
    } else if (family) {
        job.wire_model = job.model;
        job.family = *family;
        job.kind = passed_through_kind(*family);
        job.profile = profile_of(*family);
    }
}

std::optional<Family> read_family(json::ObjectReader& reader) {
    const auto text = reader.text("family");
    if (!text) return std::nullopt;
    const auto family = family_from(*text);
    if (!family) {
        reader.fault("family", "must be one of " + family_names());
    }
    return family;
}

Validation read_validation(json::ObjectReader& reader, Validation otherwise) {
    const auto text = reader.text("validate");
    if (!text) return otherwise;
    const auto validation = validation_from(*text);
    if (!validation) reader.fault("validate", "must be one of strict, warn, off");
    return validation.value_or(otherwise);
}

void check_input(const catalogue::Model& model, const bj::object& input, Validation validation,
                 std::vector<json::Fault>& faults, std::vector<std::string>& warnings) {
    auto found = model.input->check(input);
    // Has a sentence of its own.
    std::erase_if(found.warnings, [&](const json::Fault& fault) {
        return fault.pointer == "/input/callBackUrl" || fault.pointer == json::child("/input", repeated_member(model));
    });
    faults.insert(faults.end(), found.errors.begin(), found.errors.end());
    for (auto& warning : found.warnings) {
        if (validation == Validation::strict) {
            faults.push_back(std::move(warning));
        } else {
            warnings.push_back(warning.pointer + " " + warning.detail);
        }
    }
}

void read_reuse(json::ObjectReader& reader, NewJob& job) {
    const auto reuse = reader.text("reuse");
    if (!reuse || *reuse == "never") return;
    if (*reuse == "identical") {
        job.reuse_after = 0;
    } else {
        reader.fault("reuse", "must be one of never, identical");
    }
}

}  // namespace

std::string family_names() {
    std::string names;
    for (const Family one : all_families) names += (names.empty() ? "" : ", ") + std::string(to_string(one));
    return names;
}

std::string not_in_catalogue(const catalogue::Catalogue& catalogue, std::string_view name) {
    const std::string nearest = catalogue.nearest(name);
    return fmt::format("{} is not in the catalogue.{}", name,
                       nearest.empty() ? "" : fmt::format(" Did you mean {}?", nearest));
}

std::string_view passed_through_kind(Family family) {
    switch (family) {
        case Family::gpt4o:
        case Family::flux:
        case Family::midjourney:
            return "image";
        case Family::suno:
            return "music";
        case Family::veo:
        case Family::runway:
        case Family::luma:
            return "video";
        case Family::aleph:
            return "video-edit";
        case Family::market:
            return "other";
    }
    return "other";
}

Labels read_labels(const bj::object& body, std::vector<json::Fault>& faults) {
    json::ObjectReader reader(body, "", faults);
    Labels labels;
    const auto* object = reader.object("labels");
    if (object == nullptr) return labels;
    if (object->size() > max_labels)
        reader.fault("labels", fmt::format("must not have more than {} pairs", max_labels));
    for (const auto& item : *object) {
        const std::string pointer = json::child("/labels", item.key());
        const auto* value = item.value().if_string();
        if (value == nullptr) {
            faults.push_back({pointer, "must be a string"});
        } else if (item.key().empty() || characters(item.key()) > max_label_characters) {
            faults.push_back({pointer, fmt::format("must have a key of 1 to {} characters", max_label_characters)});
        } else if (characters(*value) > max_label_characters) {
            faults.push_back({pointer, fmt::format("must not be longer than {} characters", max_label_characters)});
        } else {
            labels.emplace_back(std::string(item.key()), std::string(*value));
        }
    }
    std::ranges::sort(labels);
    return labels;
}

std::optional<WallTime> read_deadline(const bj::object& body, WallTime now, std::vector<json::Fault>& faults) {
    constexpr double ten_years = 10 * 366 * 86'400.0;
    json::ObjectReader reader(body, "", faults);
    if (const auto* value = reader.find("deadline_s"); value == nullptr || value->is_null()) return std::nullopt;
    const auto seconds = reader.number("deadline_s");
    if (!seconds) return std::nullopt;
    if (!(*seconds > 0) || *seconds > ten_years) {
        reader.fault("deadline_s", "must be more than 0 and at most ten years");
        return std::nullopt;
    }
    return now + std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000));
}

Checked<ReadJob> read_job(bj::object body, const Acceptance& acceptance) {
    std::vector<json::Fault> faults;
    json::ObjectReader reader(body, "", faults);
    reader.refuse_others({"model", "use", "input", "family", "priority", "scheduled_at", "deadline_s", "max_attempts",
                          "generation_retries", "labels", "validate", "reuse", "webhook"});
    ReadJob read;
    NewJob& job = read.job;
    job.caller = acceptance.caller;
    const auto family = read_family(reader);
    const ModelChoice choice = choose_model(reader, body.contains("family"), acceptance, job);
    fill_from_model(choice, family, job);

    const auto validation = read_validation(reader, acceptance.validation);

    bj::object* input = nullptr;
    if (reader.require("input") && reader.object("input") != nullptr) {
        input = &body.at("input").as_object();
        if (input->contains("callBackUrl")) {
            faults.push_back({"/input/callBackUrl", "is set by the daemon and must not be given"});
        }
        if (choice.use != nullptr) {
            for (const auto& preset : choice.use->input) input->emplace(preset.key(), preset.value());
        }
        if (choice.known != nullptr && job.family == choice.known->family) {
            check_repeated(*choice.known, *input, faults);
            if (validation != Validation::off) read.schema = choice.known->input;
            if (read.schema != nullptr) check_input(*choice.known, *input, validation, faults, job.warnings);
        }
    }

    job.priority = static_cast<int>(reader.integer("priority", -100, 100).value_or(job.priority));
    job.max_attempts = static_cast<int>(reader.integer("max_attempts", 1, 100).value_or(job.max_attempts));
    job.generation_retries = static_cast<int>(reader.integer("generation_retries", 0, 10).value_or(0));
    job.scheduled_at = reader.time("scheduled_at");
    job.deadline_at = read_deadline(body, acceptance.now, faults);
    job.labels = read_labels(body, faults);
    read_reuse(reader, job);
    job.webhook = read_webhook(reader, acceptance.takes_webhooks, faults);

    if (choice.unknown) {
        return std::unexpected(
            Problem{.code = ProblemCode::unknown_model, .detail = choice.detail, .errors = std::move(faults)});
    }
    if (!faults.empty()) return std::unexpected(invalid(std::move(faults)));
    job.input.clear();
    json::Writer(job.input).value(*input);
    return read;
}

}  // namespace genq::api
