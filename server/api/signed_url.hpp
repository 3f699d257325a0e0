#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/http/server.hpp"
#include "server/domain/ids.hpp"

/// URLs that open one blob to whoever has them, until they expire (DESIGN.md, "Signed URLs").
namespace genq::api {

/// The secrets that URLs are signed with. The first signs, all verify: two hold while rotating. Never logged.
struct UrlKeys {
    std::vector<std::string> keys;
};

/// What a URL of ours says.
struct OwnUrl {
    Digest digest;
    std::string name;  ///< the file name at the path's end
    WallTime expires{};
};

/// "/v1/blobs/<sha256>/<name>"; the name's characters are percent-encoded.
[[nodiscard]] std::string blob_path(const Digest& digest, std::string_view name);

/// Makes URLs that hold until `expires` (whole seconds; the rest is cut). Refers to its keys.
struct UrlSigner {
    const UrlKeys& keys;
    std::string base;  ///< "https://queue.example", without a slash at its end
    WallTime expires{};

    [[nodiscard]] std::string operator()(const Digest& digest, std::string_view name) const;
};

/// True if `sig` is that of `path` and `exp`, with any of the keys, whether it has expired or not.
[[nodiscard]] bool signature_holds(const UrlKeys& keys, std::string_view path, std::string_view exp,
                                   std::string_view sig);

/// The time that an `exp` parameter says; nullopt for what is none.
[[nodiscard]] std::optional<WallTime> read_expiry(std::string_view exp);

/// Reads a URL that this daemon made: it begins with `public_url` (with any host if that is ""), has the form of one
/// and its signature holds. nullopt for every other text. Whether it has expired is the caller's to look at:
/// in `input` such a URL is read as its `genqd:blob/<sha256>` all the same.
[[nodiscard]] std::optional<OwnUrl> read_own_url(const UrlKeys& keys, std::string_view public_url,
                                                 std::string_view url);

/// Where a client finds this daemon: `public_url`, else the address that its request came to (`host`: "name:port").
[[nodiscard]] std::string own_base(std::string_view public_url, std::string_view host, bool tls);

}  // namespace genq::api
