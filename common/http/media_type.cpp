#include "common/http/media_type.hpp"

#include <array>
#include <utility>

#include "common/http/message.hpp"

namespace genq::http {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view octets = "application/octet-stream";

/// ISO base media files name their kind by the major brand of the "ftyp" box.
std::string_view iso_media(std::string_view brand) {
    if (brand == "qt  ") return "video/quicktime";
    if (brand == "M4A " || brand == "M4B " || brand == "M4P ") return "audio/mp4";
    if (brand == "avif" || brand == "avis") return "image/avif";
    if (brand == "heic" || brand == "heix" || brand == "mif1" || brand == "heim" || brand == "heis")
        return "image/heic";
    return "video/mp4";
}

/// The Matroska header names its DocType within its first bytes.
std::string_view matroska(std::string_view head) {
    const std::string_view start = head.substr(0, 64);
    return start.contains("webm") ? "video/webm" : "video/x-matroska";
}

/// MPEG audio: eleven sync bits, then a version, a layer, a bit rate and a sampling rate that exist. Layer bits 00 are
/// ADTS, which is AAC.
std::string_view mpeg_audio(std::string_view head) {
    if (head.size() < 4) return {};
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(head[i]); };
    if (byte(0) != 0xff || (byte(1) & 0xe0) != 0xe0) return {};
    const int version = byte(1) >> 3 & 3;
    const int layer = byte(1) >> 1 & 3;
    if (layer == 0) {
        const bool adts = (byte(1) & 0xf6) == 0xf0 && (byte(2) >> 2 & 15) < 13;
        return adts ? "audio/aac" : ""sv;
    }
    const bool real = version != 1 && byte(2) >> 4 != 15 && byte(2) >> 4 != 0 && (byte(2) >> 2 & 3) != 3;
    return real ? "audio/mpeg" : ""sv;
}

std::string_view binary(std::string_view head) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> starts{{
        {"\x89PNG\r\n\x1a\n"sv, "image/png"},
        {"\xff\xd8\xff"sv, "image/jpeg"},
        {"GIF87a"sv, "image/gif"},
        {"GIF89a"sv, "image/gif"},
        {"ID3"sv, "audio/mpeg"},
        {"OggS"sv, "audio/ogg"},
        {"fLaC"sv, "audio/flac"},
        {"%PDF-"sv, "application/pdf"},
        {"PK\x03\x04"sv, "application/zip"},
        {"PK\x05\x06"sv, "application/zip"},
        {"ADIF"sv, "audio/aac"},
    }};
    for (const auto& [start, type] : starts) {
        if (head.starts_with(start)) return type;
    }
    if (head.size() >= 12 && head.starts_with("RIFF")) {
        if (head.substr(8, 4) == "WEBP") return "image/webp";
        if (head.substr(8, 4) == "WAVE") return "audio/wav";
    }
    if (head.size() >= 12 && head.substr(4, 4) == "ftyp") return iso_media(head.substr(8, 4));
    if (head.starts_with("\x1a\x45\xdf\xa3")) return matroska(head);
    return mpeg_audio(head);
}

/// UTF-8 without control characters that no text has. A last character that is cut off is forgiven unless `complete`.
bool is_text(std::string_view head, bool complete) {
    for (std::size_t i = 0; i < head.size();) {
        const auto lead = static_cast<unsigned char>(head[i]);
        if (lead < 0x80) {
            const bool control = lead < 0x20 && lead != '\t' && lead != '\n' && lead != '\r' && lead != '\f';
            if (control || lead == 0x7f) return false;
            ++i;
            continue;
        }
        if (lead < 0xc2 || lead > 0xf4) return false;
        const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        for (std::size_t k = 1; k < length; ++k) {
            if (i + k == head.size()) return !complete;
            if ((static_cast<unsigned char>(head[i + k]) & 0xc0) != 0x80) return false;
        }
        i += length;
    }
    return true;
}

}  // namespace

std::string_view sniff_media_type(std::string_view head, bool complete) {
    if (const std::string_view type = binary(head); !type.empty()) return type;
    if (head.empty() || !is_text(head, complete)) return octets;
    const std::size_t first = head.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || (head[first] != '{' && head[first] != '[')) return "text/plain";
    const std::size_t next = head.find_first_not_of(" \t\r\n", first + 1);
    if (next == std::string_view::npos) return "text/plain";
    const std::string_view after = head[first] == '{' ? "\"}"sv : "\"{[]-0123456789tfn"sv;
    return after.contains(head[next]) ? "application/json" : "text/plain";
}

std::string_view extension_for(std::string_view media_type) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 24> extensions{{
        {"image/png", "png"},
        {"image/jpeg", "jpg"},
        {"image/gif", "gif"},
        {"image/webp", "webp"},
        {"image/avif", "avif"},
        {"image/heic", "heic"},
        {"video/mp4", "mp4"},
        {"video/quicktime", "mov"},
        {"video/webm", "webm"},
        {"video/x-matroska", "mkv"},
        {"audio/mpeg", "mp3"},
        {"audio/wav", "wav"},
        {"audio/x-wav", "wav"},
        {"audio/ogg", "ogg"},
        {"audio/flac", "flac"},
        {"audio/aac", "aac"},
        {"audio/mp4", "m4a"},
        {"application/pdf", "pdf"},
        {"application/zip", "zip"},
        {"application/json", "json"},
        {"text/plain", "txt"},
        {"text/csv", "csv"},
        {"application/x-ndjson", "ndjson"},
        {"audio/x-m4a", "m4a"},
    }};
    media_type = media_type.substr(0, media_type.find(';'));
    while (media_type.ends_with(' ')) media_type.remove_suffix(1);
    for (const auto& [type, extension] : extensions) {
        if (iequals(type, media_type)) return extension;
    }
    return "bin";
}

}  // namespace genq::http
