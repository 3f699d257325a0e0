#include "server/domain/reference.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>

#include "common/json/pointer.hpp"
#include "server/domain/job.hpp"

namespace genq {

namespace bj = boost::json;

namespace {

constexpr std::string_view scheme = "genqd:";
constexpr std::string_view blob = "genqd:blob/";
constexpr std::string_view job = "genqd:job/";

std::unexpected<Error> no_reference() {
    return fail(errc::invalid_argument,
                "is no reference: write genqd:blob/<sha256>, genqd:job/<id>/outputs/<n>, genqd:job/<id>/task or "
                "genqd:job/<id>/tracks/<n>");
}

/// 0…9999, without a sign or leading zeros.
std::optional<int> small_number(std::string_view text) {
    if (text.empty() || text.size() > 4 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

void find(const bj::value& value, const std::string& pointer, std::vector<PlacedReference>& found,
          std::vector<json::Fault>& faults) {
    if (const auto* text = value.if_string()) {
        auto reference = parse_reference(*text);
        if (!reference) {
            faults.push_back({pointer, reference.error().detail});
        } else if (*reference) {
            found.push_back({pointer, **reference});
        }
    } else if (const auto* array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i) find((*array)[i], json::child(pointer, i), found, faults);
    } else if (const auto* object = value.if_object()) {
        for (const auto& item : *object) find(item.value(), json::child(pointer, item.key()), found, faults);
    }
}

/// The id of a Suno track in what its job gave.
std::optional<std::string> track_id(const Job& made, int index) {
    const auto* result = made.result ? made.result->if_object() : nullptr;
    const auto* tracks = result != nullptr ? result->if_contains("tracks") : nullptr;
    const auto* list = tracks != nullptr ? tracks->if_array() : nullptr;
    const auto place = static_cast<std::size_t>(index);
    const auto* track = list != nullptr && place < list->size() ? (*list)[place].if_object() : nullptr;
    const auto* id = track != nullptr ? track->if_contains("id") : nullptr;
    if (id == nullptr || !id->is_string()) return std::nullopt;
    return std::string(id->get_string());
}

}  // namespace

std::string to_string(const Reference& reference) {
    const std::string of_job = std::string(job) + reference.job.text();
    switch (reference.kind) {
        case Reference::Kind::blob:
            return std::string(blob) + reference.digest.hex();
        case Reference::Kind::output:
            return of_job + "/outputs/" + std::to_string(reference.index);
        case Reference::Kind::task:
            return of_job + "/task";
        case Reference::Kind::track:
            return of_job + "/tracks/" + std::to_string(reference.index);
    }
    return {};
}

std::optional<std::string> content_of(const Reference& reference, const Job& made) {
    switch (reference.kind) {
        case Reference::Kind::blob:
            return to_string(reference);
        case Reference::Kind::output: {
            const auto output = std::ranges::find(made.outputs, reference.index, &Output::index);
            if (output == made.outputs.end() || !output->digest) return std::nullopt;
            return std::string(blob) + output->digest->hex();
        }
        case Reference::Kind::task:
            return made.task_id.empty() ? std::nullopt : std::optional(made.task_id);
        case Reference::Kind::track:
            return track_id(made, reference.index);
    }
    return std::nullopt;
}

Result<std::optional<Reference>> parse_reference(std::string_view text) {
    if (!text.starts_with(scheme)) return std::nullopt;
    Reference reference;
    if (text.starts_with(blob)) {
        const auto digest = Digest::parse(text.substr(blob.size()));
        if (!digest) return no_reference();
        reference.kind = Reference::Kind::blob;
        reference.digest = *digest;
        return reference;
    }
    if (!text.starts_with(job)) return no_reference();
    auto rest = text.substr(job.size());
    const auto id = JobId::parse(rest.substr(0, rest.find('/')));
    if (!id || !rest.contains('/')) return no_reference();
    reference.job = *id;
    rest.remove_prefix(rest.find('/') + 1);
    if (rest == "task") {
        reference.kind = Reference::Kind::task;
        return reference;
    }
    for (const auto& [part, kind] : {std::pair{std::string_view("outputs/"), Reference::Kind::output},
                                     std::pair{std::string_view("tracks/"), Reference::Kind::track}}) {
        if (!rest.starts_with(part)) continue;
        const auto index = small_number(rest.substr(part.size()));
        if (!index) return no_reference();
        reference.kind = kind;
        reference.index = *index;
        return reference;
    }
    return no_reference();
}

std::vector<PlacedReference> find_references(const bj::value& value, const std::string& pointer,
                                             std::vector<json::Fault>& faults) {
    std::vector<PlacedReference> found;
    find(value, pointer, found, faults);
    return found;
}

void replace_references(bj::value& value, const std::function<std::string(const Reference&)>& with) {
    if (const auto* text = value.if_string()) {
        const auto reference = parse_reference(*text);
        if (reference && *reference) value = bj::string(with(**reference));
    } else if (auto* array = value.if_array()) {
        for (auto& item : *array) replace_references(item, with);
    } else if (auto* object = value.if_object()) {
        for (auto& item : *object) replace_references(item.value(), with);
    }
}

}  // namespace genq
