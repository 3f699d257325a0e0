#include "server/media/tools.hpp"

#include <unistd.h>

#include <array>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>

#include "common/json/parse.hpp"

namespace genq::media {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr int longest_side = 65'535;
constexpr double longest_s = 1e6;

/// The one demuxer that may look at a type's bytes: most of the others nobody needs, and each is a risk.
std::string_view demuxer_of(std::string_view media_type) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> demuxers{{
        {"image/png", "png_pipe"},
        {"image/jpeg", "jpeg_pipe"},
        {"image/webp", "webp_pipe"},
        {"image/gif", "gif"},
        {"image/avif", "mov"},
        {"video/mp4", "mov"},
        {"video/quicktime", "mov"},
        {"video/webm", "matroska"},
        {"video/x-matroska", "matroska"},
        {"audio/mpeg", "mp3"},
        {"audio/mp4", "mov"},
        {"audio/wav", "wav"},
        {"audio/ogg", "ogg"},
        {"audio/flac", "flac"},
    }};
    for (const auto& [type, demuxer] : demuxers) {
        if (type == media_type) return demuxer;
    }
    return {};
}

std::vector<std::string> input_of(std::string_view media_type) {
    const std::string demuxer(demuxer_of(media_type));
    return {"-v", "error",    "-protocol_whitelist", "file", "-format_whitelist", demuxer, "-f", demuxer,
            "-i", "/dev/fd/0"};
}

std::string find_in(std::string_view path, const std::string& name) {
    while (!path.empty()) {
        const auto folder = path.substr(0, path.find(':'));
        path.remove_prefix(std::min(path.size(), folder.size() + 1));
        if (!folder.starts_with('/')) continue;  // the working directory is no place for programs
        auto file = std::string(folder) + "/" + name;
        if (::access(file.c_str(), X_OK) == 0) return file;
    }
    return {};
}

/// ffprobe writes sizes as numbers and times as text.
std::optional<double> number(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_int64()) return static_cast<double>(value->get_int64());
    if (!value->is_string()) return std::nullopt;
    const auto& text = value->get_string();
    double result = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(result)) return std::nullopt;
    return result;
}

std::string word(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<int> side(const json::object& stream, std::string_view name) {
    const auto value = number(stream, name);
    if (!value || *value < 1 || *value > longest_side) return std::nullopt;
    return static_cast<int>(*value);
}

bool is_cover(const json::object& stream) {
    const auto* disposition = stream.if_contains("disposition");
    return disposition != nullptr && disposition->is_object() &&
           number(disposition->get_object(), "attached_pic").value_or(0) != 0;
}

}  // namespace

bool has_facts(std::string_view media_type) {
    return !demuxer_of(media_type).empty();
}

bool has_picture(std::string_view media_type) {
    return has_facts(media_type) && !media_type.starts_with("audio/");
}

Result<Tools> find_tools(const std::string& path, Confined& confined) {
    Tools tools{find_in(path, "ffprobe"), find_in(path, "ffmpeg")};
    if (tools.ffprobe.empty() || tools.ffmpeg.empty()) {
        return fail(errc::not_found, "ffprobe and ffmpeg were not found: install FFmpeg (Debian: the package ffmpeg)");
    }
    for (const auto& program : {tools.ffprobe, tools.ffmpeg}) {
        Command command{.program = program, .arguments = {"-version"}};
        if (const auto ran = confined.run(command); !ran) return std::unexpected(ran.error());
    }
    return tools;
}

Result<MediaFacts> probe(const Tools& tools, Confined& confined, int file, std::string_view media_type) {
    Command command{.program = tools.ffprobe, .arguments = input_of(media_type), .input = file};
    for (const char* argument :
         {"-show_entries", "stream=codec_type,codec_name,width,height:stream_disposition=attached_pic:format=duration",
          "-of", "json"}) {
        command.arguments.emplace_back(argument);
    }
    const auto said = confined.run(command);
    if (!said) return std::unexpected(said.error());
    return facts_in(*said, media_type);
}

MediaFacts facts_in(std::string_view text, std::string_view media_type) {
    const auto parsed = genq::json::parse(text);
    if (!parsed || !parsed->is_object()) return {};
    const auto& root = parsed->get_object();
    const auto* streams = root.if_contains("streams");
    if (streams == nullptr || !streams->is_array()) return {};
    MediaFacts facts;
    bool seen = false;
    for (const auto& element : streams->get_array()) {
        if (!element.is_object() || is_cover(element.get_object())) continue;
        const auto& stream = element.get_object();
        const bool film = word(stream, "codec_type") == "video";
        if (!film && (facts.width || word(stream, "codec_type") != "audio")) continue;
        if (film) {
            facts.width = side(stream, "width");
            facts.height = side(stream, "height");
            // Of a header that lies, or bytes that end before it does, nothing is believed.
            if (!facts.width || !facts.height) return {};
        }
        if (film || !seen) facts.codec = word(stream, "codec_name");
        seen = true;
        if (film) break;
    }
    const bool still = media_type.starts_with("image/") && media_type != "image/gif";
    const auto* format = root.if_contains("format");
    if (seen && !still && format != nullptr && format->is_object()) {
        const auto duration = number(format->get_object(), "duration");
        if (duration && *duration >= 0 && *duration <= longest_s) facts.duration_s = duration;
    }
    return facts;
}

Result<std::string> picture(const Tools& tools, Confined& confined, int file, std::string_view media_type, int width) {
    Command command{.program = tools.ffmpeg, .input = file, .max_output = most_picture_bytes, .wall = 20s, .cpu = 20s};
    command.arguments = {"-nostdin", "-threads", "1"};
    for (auto& argument : input_of(media_type)) command.arguments.push_back(std::move(argument));
    // A film's first picture is often black.
    const std::string choice = media_type.starts_with("video/") ? "thumbnail=24," : "";
    const std::string size = "scale=w='min(" + std::to_string(width) + ",iw)':h='min(" + std::to_string(4 * width) +
                             ",ih)':force_original_aspect_ratio=decrease";
    for (const auto& argument :
         {std::string("-map"), std::string("0:v:0"), std::string("-frames:v"), std::string("1"), std::string("-vf"),
          choice + size, std::string("-c:v"), std::string("libwebp"), std::string("-quality"), std::string("80"),
          std::string("-f"), std::string("image2pipe"), std::string("pipe:1")}) {
        command.arguments.push_back(argument);
    }
    auto made = confined.run(command);
    if (made && made->empty()) return fail(errc::malformed, "no picture can be made of these bytes");
    return made;
}

}  // namespace genq::media
