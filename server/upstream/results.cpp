#include "server/upstream/results.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <initializer_list>

#include "server/upstream/fields.hpp"

namespace genq::upstream {
namespace {

namespace json = boost::json;

/// Lists in lists and JSON text in lists have been seen one level deep; more is nonsense and ends here.
constexpr int deepest_list = 3;

constexpr std::array file_members{"resultUrl", "result_url", "url", "audioUrl", "audio_url", "videoUrl", "video_url"};
constexpr std::array picture_members{"imageUrl", "image_url"};

bool is_fetchable(std::string_view text) {
    const auto start = lower(text.substr(0, 8));
    if (!start.starts_with("https://") && !start.starts_with("http://")) return false;
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
}

std::string_view role_by_name(std::string_view url) {
    const std::string path = lower(url.substr(0, url.find_first_of("?#")));
    const auto ends_with_any = [&](std::initializer_list<std::string_view> endings) {
        return std::ranges::any_of(endings, [&](std::string_view ending) { return path.ends_with(ending); });
    };
    if (ends_with_any({".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".svg"})) return "image";
    if (ends_with_any({".mp4", ".mov", ".webm", ".mkv"})) return "video";
    if (ends_with_any({".mp3", ".wav", ".ogg", ".opus", ".m4a", ".aac", ".flac"})) return "audio";
    return "file";
}

void add_output(std::vector<Output>& outputs, std::string_view text, std::string_view role) {
    const std::string_view url = trimmed(text);
    if (!is_fetchable(url)) return;
    if (std::ranges::any_of(outputs, [&](const Output& output) { return output.source_url == url; })) return;
    Output output;
    output.index = static_cast<int>(outputs.size());
    output.source_url = url;
    output.role = role.empty() ? role_by_name(url) : role;
    outputs.push_back(std::move(output));
}

/// The text of the first of `names` that has one; `present` says whether the object has any of them, empty or not.
template <std::size_t N>
std::string first_text(const json::object& object, const std::array<const char*, N>& names, bool& present) {
    present = false;
    for (const char* name : names) {
        present = present || object.contains(name);
        if (auto text = text_or_empty(find(object, name)); !text.empty()) return text;
    }
    return {};
}

/// One file an object: a picture beside a film or a track, also beside one that is not there yet, is its cover.
std::string file_of(const json::object& object) {
    bool has_file = false;
    auto file = first_text(object, file_members, has_file);
    if (has_file) return file;
    return first_text(object, picture_members, has_file);
}

void add_at_depth(std::vector<Output>& outputs, const json::value* value, std::string_view role, int depth) {
    if (value == nullptr || depth > deepest_list) return;
    const json::value inner = unwrapped(value);
    if (inner.is_string()) {
        add_output(outputs, text_or_empty(&inner), role);
    } else if (inner.is_array()) {
        for (const auto& element : inner.get_array()) add_at_depth(outputs, &element, role, depth + 1);
    } else if (inner.is_object()) {
        add_output(outputs, file_of(inner.get_object()), role);
    }
}

/// A place of results: a member of the record's member `holder` (of the record itself when that is ""), and the role
/// that what is found there has for sure.
struct Place {
    std::string_view holder;
    std::string_view member;
    std::string_view role;
};

constexpr std::array places{
    Place{"resultJson", "resultUrls", by_name},
    Place{"resultJson", "result_urls", by_name},
    Place{"response", "resultUrls", by_name},
    Place{"response", "result_urls", by_name},
    Place{"response", "fullResultUrls", "video"},
    Place{"response", "resultImageUrl", "image"},
    Place{"response", "resultVideoUrl", "video"},
    Place{"response", "sunoData", "audio"},
    Place{"response", "images", "image"},
    Place{"response", "audioWavUrl", "audio"},
    Place{"response", "videoUrl", "video"},
    Place{"videoInfo", "videoUrl", "video"},
    Place{"resultInfoJson", "resultUrls", by_name},
    Place{"info", "resultUrls", by_name},
    Place{"info", "result_urls", by_name},
    Place{"info", "resultImageUrl", "image"},
    Place{"info", "resultVideoUrl", "video"},
    Place{"", "resultUrls", by_name},
    Place{"", "result_urls", by_name},
    Place{"", "resultUrl", by_name},
};

json::value text_or_null(const json::value* value) {
    const auto text = text_of(value);
    return text && !text->empty() ? json::value(*text) : json::value(nullptr);
}

/// A word of a transcript, its times under names that say their unit (ElevenLabs: seconds).
json::value word_of(const json::value& element) {
    if (!element.is_object()) return element;
    json::object word = element.get_object();
    for (const char* name : {"text", "type", "speaker_id"}) word[name] = text_or_null(find(word, name));
    for (const auto& [theirs, ours] : {std::pair("start", "start_s"), std::pair("end", "end_s")}) {
        const auto seconds = number_of(find(word, theirs));
        word.erase(theirs);
        word[ours] = seconds ? json::value(*seconds) : json::value(nullptr);
    }
    return word;
}

json::array words_of(const json::value* words) {
    json::array result;
    const json::value list = unwrapped(words);
    if (!list.is_array()) return result;
    for (const auto& element : list.get_array()) result.push_back(word_of(element));
    return result;
}

/// Whole numbers as such; text, which some families send for those beyond 53 bits, stays text.
void add_seeds(json::array& seeds, const json::value* value) {
    const json::value inner = unwrapped(value);
    if (inner.is_array()) {
        for (const auto& seed : inner.get_array()) {
            if (seed.is_number() || seed.is_string()) seeds.push_back(seed);
        }
    } else if (inner.is_number() || (inner.is_string() && !inner.get_string().empty())) {
        seeds.push_back(inner);
    }
}

json::value wrapped(std::string_view name, json::value inner) {
    json::object result;
    result[name] = std::move(inner);
    return result;
}

/// A track's member under its poll name or its callback name.
const json::value* either(const json::object& object, std::string_view camel, std::string_view snake) {
    const auto* value = find(object, camel);
    return value == nullptr ? find(object, snake) : value;
}

}  // namespace

void add_outputs(std::vector<Output>& outputs, const json::value* value, std::string_view role) {
    add_at_depth(outputs, value, role, 0);
}

void add_outputs_from_anywhere(std::vector<Output>& outputs, const json::object& record, std::string_view role) {
    for (const auto& place : places) {
        if (!role.empty() && !place.role.empty() && place.role != role) continue;
        const auto holder = place.holder.empty() ? record : object_of(find(record, place.holder));
        add_outputs(outputs, find(holder, place.member), place.role.empty() ? role : place.role);
    }
}

std::optional<json::value> add_tracks(std::vector<Output>& outputs, const json::value* tracks) {
    const json::value list = unwrapped(tracks);
    if (!list.is_array()) return std::nullopt;
    json::array described;
    for (const auto& element : list.get_array()) {
        const auto track = object_of(&element);
        if (track.empty()) continue;
        const auto before = outputs.size();
        add_outputs(outputs, either(track, "audioUrl", "audio_url"), "audio");
        json::object entry;
        entry["id"] = text_or_null(find(track, "id"));
        entry["title"] = text_or_null(find(track, "title"));
        entry["tags"] = text_or_null(find(track, "tags"));
        const auto duration = number_of(find(track, "duration"));
        entry["duration_s"] = duration ? json::value(*duration) : json::value(nullptr);
        entry["lyrics"] = text_or_null(find(track, "prompt"));
        entry["output"] = outputs.size() > before ? json::value(before) : json::value(nullptr);
        described.emplace_back(std::move(entry));
    }
    if (described.empty()) return std::nullopt;
    return wrapped("tracks", std::move(described));
}

json::value answer_in(const json::object& answer) {
    const bool speech = find(answer, "words") != nullptr || find(answer, "language_code") != nullptr;
    if (!speech || !text_of(find(answer, "text"))) return wrapped("object", answer);
    json::object transcript = answer;
    transcript["text"] = *text_of(find(answer, "text"));
    transcript["language_code"] = text_or_null(find(answer, "language_code"));
    transcript["words"] = words_of(find(answer, "words"));
    return wrapped("transcript", std::move(transcript));
}

std::optional<json::value> generation_in(const json::object& place) {
    const json::value resolution = text_or_null(find(place, "resolution"));
    json::array seeds;
    add_seeds(seeds, find(place, "seeds"));
    if (seeds.empty()) add_seeds(seeds, find(place, "seed"));
    if (resolution.is_null() && seeds.empty()) return std::nullopt;
    json::object generation;
    generation["resolution"] = resolution;
    generation["seeds"] = seeds.empty() ? json::value(nullptr) : json::value(std::move(seeds));
    return wrapped("generation", std::move(generation));
}

std::optional<std::string> text_of_result(const json::value& result) {
    const auto members = object_of(&result);
    std::string text;
    if (const auto* lyrics = find(members, "lyrics"); lyrics != nullptr && lyrics->is_array()) {
        for (const auto& variant : lyrics->get_array()) {
            const auto song = object_of(&variant);
            if (!text.empty()) text += "\n\n";
            if (const auto title = text_or_empty(find(song, "title")); !title.empty()) text += title + "\n\n";
            text += trimmed(text_or_empty(find(song, "text")));
        }
    } else {
        const auto* answer = find(members, "transcript");
        if (answer == nullptr) answer = find(members, "object");
        if (answer == nullptr || !answer->is_object()) return std::nullopt;
        const auto said = text_of(find(answer->get_object(), "text"));
        if (!said) return std::nullopt;
        text = *said;
    }
    if (!text.ends_with('\n')) text += '\n';
    return text;
}

std::optional<json::value> lyrics_in(const json::value* variants) {
    const json::value list = unwrapped(variants);
    if (!list.is_array()) return std::nullopt;
    json::array lyrics;
    for (const auto& element : list.get_array()) {
        const auto variant = object_of(&element);
        const auto text = text_or_empty(find(variant, "text"));
        if (text.empty() || lower(text_or_empty(find(variant, "status"))) == "failed") continue;
        json::object entry;
        entry["title"] = text_or_null(find(variant, "title"));
        entry["text"] = text;
        lyrics.emplace_back(std::move(entry));
    }
    if (lyrics.empty()) return std::nullopt;
    return wrapped("lyrics", std::move(lyrics));
}

}  // namespace genq::upstream
