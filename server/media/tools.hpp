#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "server/domain/job.hpp"
#include "server/media/confined.hpp"

/// FFmpeg's own programs, one run a file. They have to be there, and they may be: nothing else needs them.
namespace genq::media {

/// Of a picture that picture() makes.
inline constexpr std::size_t most_picture_bytes = 4 << 20;

struct Tools {
    std::string ffprobe;  // absolute paths
    std::string ffmpeg;
};

/// Looks for the two in `path` (as PATH has it) and tries whether they run in confinement. errc::not_found with a
/// sentence that says which package is missing; io: they don't run. Blocks.
[[nodiscard]] Result<Tools> find_tools(const std::string& path, Confined& confined);

/// True for what probe() can say something of.
[[nodiscard]] bool has_facts(std::string_view media_type);
/// True for what a picture can be made of.
[[nodiscard]] bool has_picture(std::string_view media_type);

/// What ffprobe reads from an open file of that (sniffed) type. What it can't read, or claims that no picture can be,
/// is unknown. Errors are those of Confined::run(); malformed ones say that the bytes are. Blocks.
[[nodiscard]] Result<MediaFacts> probe(const Tools& tools, Confined& confined, int file, std::string_view media_type);

/// The picture, or a film's most telling one of its first second, as WebP of at most `width` pixels, never enlarged.
/// Errors as probe(). Blocks.
[[nodiscard]] Result<std::string> picture(const Tools& tools, Confined& confined, int file, std::string_view media_type,
                                          int width);

/// Reads ffprobe's JSON.
[[nodiscard]] MediaFacts facts_in(std::string_view json, std::string_view media_type);

}  // namespace genq::media
