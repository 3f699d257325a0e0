#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "common/http/server.hpp"
#include "common/http/url.hpp"
#include "server/sandbox/workshop.hpp"

namespace genq::sandbox {

/// Which file a media URL or path means.
struct MediaPlace {
    std::string task;
    std::size_t index = 0;
};

/// Reads `…/media/<task>/<index>.<ext>`; nullopt for anything else.
[[nodiscard]] std::optional<MediaPlace> media_place(std::string_view url);

/// GET /media/…: the file, or 403 for a signature that is wrong or has expired, 404 for no such file. Range, If-Range
/// and If-None-Match as in RFC 9110.
[[nodiscard]] http::Response serve_media(Workshop& shop, const http::Request& request, const http::Target& target,
                                         Moment now);
/// GET /files/…: an uploaded file, 404 when it is gone.
[[nodiscard]] http::Response serve_upload(Workshop& shop, const http::Request& request, const http::Target& target,
                                          Moment now);

}  // namespace genq::sandbox
