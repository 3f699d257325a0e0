#include <algorithm>
#include <array>

#include "server/api/options.hpp"
#include "server/front/envelope.hpp"
#include "server/front/front.hpp"
#include "server/front/handlers.hpp"

namespace genq::front {

namespace {

constexpr auto both = api::Access::submit_and_read;

// Forms and base64 are read as a whole: so long they may be. kie.ai recommends base64 up to 10 MB.
constexpr std::uint64_t longest_form(const api::Options& options) {
    return std::min<std::uint64_t>(128U << 20U, options.max_file_bytes);
}
constexpr std::uint64_t longest_base64(const api::Options& options) {
    return std::min<std::uint64_t>(32U << 20U, options.max_file_bytes);
}

// kie.ai's paths, and below them those of an older guide that clients in use were written after.
constexpr std::array table{
    api::Route{"POST", "/api/v1/jobs/createTask", both, &create_market},
    api::Route{"GET", "/api/v1/jobs/recordInfo", both, &poll_market},
    api::Route{"POST", "/api/v1/gpt4o-image/generate", both, &create_gpt4o},
    api::Route{"GET", "/api/v1/gpt4o-image/record-info", both, &poll_gpt4o},
    api::Route{"POST", "/api/v1/gpt4o-image/download-url", both, &download_url},
    api::Route{"POST", "/api/v1/flux/kontext/generate", both, &create_flux},
    api::Route{"GET", "/api/v1/flux/kontext/record-info", both, &poll_flux},
    api::Route{"POST", "/api/v1/veo/generate", both, &create_veo},
    api::Route{"POST", "/api/v1/veo/extend", both, &extend_veo},
    api::Route{"POST", "/api/v1/veo/extend-video", both, &extend_veo},
    api::Route{"GET", "/api/v1/veo/record-info", both, &poll_veo},
    api::Route{"GET", "/api/v1/veo/get-1080p-video", both, &veo_1080p, nullptr, true},
    api::Route{"POST", "/api/v1/veo/get-1080p-video", both, &veo_1080p},
    api::Route{"POST", "/api/v1/veo/get-4k-video", both, &veo_4k},
    api::Route{"GET", "/api/v1/veo/get-4k-video", both, &veo_4k, nullptr, true},
    api::Route{"POST", "/api/v1/runway/generate", both, &create_runway},
    api::Route{"POST", "/api/v1/runway/extend", both, &extend_runway},
    api::Route{"GET", "/api/v1/runway/record-detail", both, &poll_runway},
    api::Route{"POST", "/api/v1/aleph/generate", both, &create_aleph},
    api::Route{"POST", "/api/v1/runway/generate/aleph", both, &create_aleph},
    api::Route{"GET", "/api/v1/aleph/record-info", both, &poll_aleph},
    api::Route{"POST", "/api/v1/generate", both, &create_suno},
    api::Route{"POST", "/api/v1/generate/extend", both, &extend_suno},
    api::Route{"GET", "/api/v1/generate/record-info", both, &poll_suno},
    api::Route{"POST", "/api/v1/lyrics", both, &create_lyrics},
    api::Route{"GET", "/api/v1/lyrics/record-info", both, &poll_lyrics},
    api::Route{"POST", "/api/v1/mj/generate", both, &create_midjourney},
    api::Route{"GET", "/api/v1/mj/record-info", both, &poll_midjourney},
    api::Route{"POST", "/api/v1/modify/generate", both, &create_luma},
    api::Route{"GET", "/api/v1/modify/record-info", both, &poll_luma},
    api::Route{"GET", "/api/v1/chat/credit", both, &credit},
    api::Route{"POST", "/api/v1/common/download-url", both, &download_url},
    api::Route{"POST", "/api/file-url-upload", both, &upload_url},
    api::Route{"POST", "/api/file-base64-upload", both, &upload_base64, &longest_base64},
    api::Route{"POST", "/api/file-stream-upload", both, &upload_stream, &longest_form},
    api::Route{"POST", "/api/v1/uploads/url", both, &upload_url},
    api::Route{"POST", "/api/v1/uploads/base64", both, &upload_base64, &longest_base64},
};

}  // namespace

api::Mount mount() {
    return {.segment = "api", .routes = table, .refusal = &refusal};
}

}  // namespace genq::front
