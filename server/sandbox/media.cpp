#include "server/sandbox/media.hpp"

#include "common/core/check.hpp"
#include "common/crypto/sha256.hpp"

namespace genq::sandbox {

std::string_view extension(MediaKind kind) {
    switch (kind) {
        case MediaKind::png:
            return "png";
        case MediaKind::jpeg:
            return "jpeg";
        case MediaKind::mp4:
            return "mp4";
        case MediaKind::mp3:
            return "mp3";
    }
    check_failed("a MediaKind has an extension");
}

std::string_view content_type(MediaKind kind) {
    switch (kind) {
        case MediaKind::png:
            return "image/png";
        case MediaKind::jpeg:
            return "image/jpeg";
        case MediaKind::mp4:
            return "video/mp4";
        case MediaKind::mp3:
            return "audio/mpeg";
    }
    check_failed("a MediaKind has a media type");
}

Label label_for(std::string_view prompt, int index) {
    return {crypto::sha256_hex(prompt).substr(0, 8), index, std::string(prompt)};
}

std::string make_media(MediaKind kind, const Label& label) {
    switch (kind) {
        case MediaKind::png:
            return make_png(label);
        case MediaKind::jpeg:
            return make_jpeg(label);
        case MediaKind::mp4:
            return make_mp4(label);
        case MediaKind::mp3:
            return make_mp3(label);
    }
    check_failed("a MediaKind can be made");
}

}  // namespace genq::sandbox
