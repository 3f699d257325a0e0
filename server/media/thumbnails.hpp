#pragma once
#include <boost/asio/awaitable.hpp>
#include <string>

#include "common/core/error.hpp"
#include "server/domain/ids.hpp"

namespace genq::media {

inline constexpr int least_width = 16;
inline constexpr int most_width = 2048;

/// Small pictures of stored images and films. Any strand.
class Thumbnails {
  public:
    virtual ~Thumbnails() = default;
    /// A WebP picture of at most `width` pixels, made now or before. errc::not_found, corrupt: as BlobStore::open() has
    /// them; unsupported: the tools are missing, or this is no picture and no film; malformed: nothing can be made of
    /// these bytes; busy: too many are waited for; canceled: the daemon stops; io. The detail is for callers.
    [[nodiscard]] virtual boost::asio::awaitable<Result<std::string>> thumbnail(Digest digest, std::string media_type,
                                                                                int width) = 0;
};

}  // namespace genq::media
