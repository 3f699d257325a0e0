#include <fmt/format.h>

#include <algorithm>

#include "common/json/pointer.hpp"
#include "server/catalogue/schema.hpp"

namespace genq::catalogue {

namespace bj = boost::json;

namespace {

/// Bytes that nobody recognises may be anything: kie.ai decides.
constexpr std::string_view unrecognised = "application/octet-stream";

/// The part of a schema that a pointer below "/input" leads to, by properties and items; nullptr: none.
const bj::object* place_of(const bj::object& schema, std::string_view pointer) {
    constexpr std::string_view root = "/input";
    if (!pointer.starts_with(root)) return nullptr;
    pointer.remove_prefix(root.size());
    const bj::object* place = &schema;
    while (place != nullptr && !pointer.empty()) {
        pointer.remove_prefix(1);  // the slash
        const auto name = json::unescaped(pointer.substr(0, pointer.find('/')));
        pointer.remove_prefix(std::min(pointer.find('/'), pointer.size()));
        const auto* next = place->if_contains("items");
        if (next == nullptr) {
            const auto* properties = place->if_contains("properties");
            next =
                properties != nullptr && properties->is_object() ? properties->get_object().if_contains(name) : nullptr;
        }
        place = next != nullptr ? next->if_object() : nullptr;
    }
    return place;
}

}  // namespace

std::string InputSchema::file_fault(std::string_view pointer, std::string_view media_type, std::uint64_t bytes) const {
    const auto* place = place_of(document_, pointer);
    const auto* rule = place != nullptr ? place->if_contains("x-genqd-file") : nullptr;
    if (rule == nullptr) return {};
    const auto& limits = rule->as_object();
    const auto* media = limits.if_contains("media");
    if (media != nullptr && media_type != unrecognised) {
        const auto& types = media->as_array();
        const auto takes = [&types](std::string_view type) {
            return std::ranges::find(types, bj::value(type)) != types.end();
        };
        // The first bytes of an MP4 don't always tell whether there are pictures in it.
        if (!takes(media_type) && !(media_type == "video/mp4" && takes("audio/mp4"))) {
            std::string names;
            for (const auto& type : types) names += (names.empty() ? "" : ", ") + std::string(type.as_string());
            return fmt::format("is a file of {}, and must be of {}", media_type, names);
        }
    }
    const auto* most = limits.if_contains("max_bytes");
    if (most != nullptr && bytes > most->to_number<std::uint64_t>()) {
        return fmt::format("is a file of {} bytes, and must not have more than {}", bytes,
                           most->to_number<std::uint64_t>());
    }
    return {};
}

std::string InputSchema::reference_fault(std::string_view pointer, Reference::Kind kind) const {
    const auto* place = place_of(document_, pointer);
    if (place == nullptr) return {};
    const bool is_file = kind == Reference::Kind::blob || kind == Reference::Kind::output;
    if (place->contains("x-genqd-file")) {
        return is_file ? "" : "takes a file: genqd:blob/<sha256> or genqd:job/<id>/outputs/<n>";
    }
    const auto* names = place->if_contains("x-genqd-names");
    if (names == nullptr) return {};
    if (*names == bj::value("task")) {
        return kind == Reference::Kind::task ? "" : "takes the id of a task: genqd:job/<id>/task";
    }
    return kind == Reference::Kind::track ? "" : "takes the id of a track: genqd:job/<id>/tracks/<n>";
}

}  // namespace genq::catalogue
