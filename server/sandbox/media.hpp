#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace genq::sandbox {

/// What a task's files can be.
enum class MediaKind { png, jpeg, mp4, mp3 };

/// "png", "jpeg", "mp4", "mp3": the end of a media path.
[[nodiscard]] std::string_view extension(MediaKind kind);
/// The media type for Content-Type.
[[nodiscard]] std::string_view content_type(MediaKind kind);

/// What a file shows: the first 8 hex digits of the prompt's SHA-256, and which of the task's files it is.
struct Label {
    std::string hash;    ///< 8 hex digits
    int index = 0;       ///< from 0; files of one task differ by it
    std::string prompt;  ///< goes into the MP3's tag
};

/// The label of file `index` of a task with this prompt.
[[nodiscard]] Label label_for(std::string_view prompt, int index);

/// The bytes of a file: valid, small, and the same for the same label. A few milliseconds of work at most.
[[nodiscard]] std::string make_media(MediaKind kind, const Label& label);

/// 256×160, 8-bit RGB, zlib (PNG, W3C Recommendation, 3rd edition).
[[nodiscard]] std::string make_png(const Label& label);
/// 256×160, baseline, by libjpeg.
[[nodiscard]] std::string make_jpeg(const Label& label);
/// 160×96, two seconds at 10 frames a second: one H.264 picture of I_PCM macroblocks, then skipped ones (ITU-T H.264,
/// constrained baseline) in an ISO base media file (ISO/IEC 14496-12) whose header comes first.
[[nodiscard]] std::string make_mp4(const Label& label);
/// Two seconds of silence, MPEG-1 layer III, 32 kbit/s, mono, after an ID3v2.3 tag with the hash and the prompt.
[[nodiscard]] std::string make_mp3(const Label& label);

}  // namespace genq::sandbox
