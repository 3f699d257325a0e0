#pragma once
#include <cstddef>
#include <string_view>

namespace genq::http {

/// How many bytes sniff_media_type() wants to see.
inline constexpr std::size_t sniff_bytes = 4096;

/// The media type that the first bytes of a file show (what a server claims is not believed). `complete`: `head` is all
/// of it, so that a character cut off at its end is no excuse. Text is application/json when it starts like a JSON
/// object or array, else text/plain; what nobody knows is application/octet-stream. HTML and SVG are text/plain: such
/// bytes must never be rendered. Pure.
[[nodiscard]] std::string_view sniff_media_type(std::string_view head, bool complete = false);

/// A file name's extension without its dot ("png"; "bin" for what nobody knows). Parameters are ignored.
[[nodiscard]] std::string_view extension_for(std::string_view media_type);

}  // namespace genq::http
