#include "common/core/error.hpp"

namespace genq {

std::string_view to_string(errc code) {
    switch (code) {
        case errc::invalid_argument:
            return "invalid_argument";
        case errc::not_found:
            return "not_found";
        case errc::conflict:
            return "conflict";
        case errc::already_exists:
            return "already_exists";
        case errc::timeout:
            return "timeout";
        case errc::canceled:
            return "canceled";
        case errc::unreachable:
            return "unreachable";
        case errc::tls:
            return "tls";
        case errc::connection_lost:
            return "connection_lost";
        case errc::malformed:
            return "malformed";
        case errc::too_large:
            return "too_large";
        case errc::storage_full:
            return "storage_full";
        case errc::busy:
            return "busy";
        case errc::forbidden:
            return "forbidden";
        case errc::corrupt:
            return "corrupt";
        case errc::io:
            return "io";
        case errc::unsupported:
            return "unsupported";
    }
    return "unknown";
}

std::unexpected<Error> fail(errc code, std::string detail, std::source_location where) {
    return std::unexpected<Error>(Error{code, std::move(detail), where});
}

}  // namespace genq
