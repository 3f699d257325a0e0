#pragma once
#include <string>

#include "common/core/error.hpp"
#include "server/app/environment.hpp"

namespace genq::cli {

/// What all client subcommands take.
struct ClientOptions {
    std::string url = {};         ///< --url: "http://…", "https://…" or "unix:/path"
    std::string token_file = {};  ///< --token-file
    std::string profile = {};     ///< --profile: a name out of profiles.toml
    bool json = false;            ///< --json: the daemon's answer as JSON
};

/// A daemon and the token for it.
struct Endpoint {
    std::string url;
    std::string unix_socket;  ///< the path in "unix:/path", else ""
    std::string token;
};

/// Where the daemon is: --url or --profile before GENQD_URL, this before the profile that GENQD_PROFILE names, this
/// before what the .env file says; else http://127.0.0.1:8080. The token: --token-file before GENQD_TOKEN and
/// GENQD_TOKEN_FILE, in the process before the .env file. A profile's daemon is never shown another token than its own,
/// nor one whose URL is in the .env file another than GENQD_TOKEN there: the file may be somebody else's.
/// errc::invalid_argument for a bad URL, for both --url and --profile, and for a token file beside a .env file's URL;
/// and the errors of a token file or a profile that can't be read.
[[nodiscard]] Result<Endpoint> find_endpoint(const ClientOptions& options, const app::Environment& environment,
                                             const app::Environment& dotenv = {});

}  // namespace genq::cli
