#pragma once
#include <memory>
#include <string>
#include <vector>

#include "common/core/error.hpp"
#include "common/http/address.hpp"
#include "common/http/message.hpp"
#include "common/http/server.hpp"
#include "common/log/log.hpp"
#include "server/api/options.hpp"
#include "server/api/tokens.hpp"
#include "server/app/config.hpp"
#include "server/catalogue/catalogue.hpp"
#include "server/engine/options.hpp"
#include "server/webhooks/secrets.hpp"

namespace genq::app {

/// The command line of `serve`. What is given there wins over variables and file.
struct ServeArguments {
    std::string config_file;          ///< "": the default file
    std::string state_dir;            ///< "": state.dir
    std::vector<std::string> listen;  ///< empty: http.listen
    std::string log_level;            ///< "": log.level
    std::string log_format;           ///< "": log.format
    std::string address_file;    ///< where to write the first address bound, once requests are answered; "": nowhere
    bool insecure = false;       ///< serve others than loopback without tokens
    bool sandbox = false;        ///< work against a stand-in for kie.ai inside this process
    double sandbox_speed = 10;   ///< the stand-in's tasks take this part of their usual time
    std::string sandbox_faults;  ///< file with its scripted faults; "": none
};

/// Everything that is known before the daemon starts, and again at a reload.
struct Settings {
    Config config;
    std::string api_key;       ///< never logged
    std::string callback_key;  ///< never logged
    webhooks::Secrets webhook_secrets{};
    http::Fields trace_headers{};  ///< never logged
    std::vector<api::Token> tokens;
    std::shared_ptr<const catalogue::Catalogue> catalogue{};
    bool sandbox = false;
    double sandbox_speed = 1;
};

/// Reads configuration, tokens, catalogue and key and checks them together. With `sandbox` the state lives in
/// ./genqd-sandbox unless `state_dir` says otherwise, the default configuration and tokens files are not read, and no
/// key is needed. errc::invalid_argument and the like with sentences for the operator.
[[nodiscard]] Result<Settings> load_settings(const ServeArguments& arguments, const Environment& environment);

/// What `genqd config check` found good.
struct CheckedConfig {
    std::size_t keys_set = 0;
    std::size_t tokens = 0;
    bool has_api_key = false;
};

/// Everything that serve() would refuse, but for a missing API key, which may come with the service: the configuration,
/// the files that it names (TLS, tokens, catalogue, key), and addresses for others without tokens, unless `insecure`.
/// errc::invalid_argument and the like with file, line and key.
[[nodiscard]] Result<CheckedConfig> check_config(const std::string& file, bool insecure,
                                                 const Environment& environment);

/// True if only this machine reaches the address: "unix:…", "localhost:…", loopback addresses.
[[nodiscard]] bool is_local_address(std::string_view listen);

/// `base_url`: upstream.base_url, or the sandbox's.
[[nodiscard]] engine::Options engine_options(const Settings& settings, const std::string& base_url);
[[nodiscard]] http::ServerOptions server_options(const Config& config);
[[nodiscard]] api::Options api_options(const Config& config);
/// `webhooks.allow_cidrs`, which the configuration has checked.
[[nodiscard]] std::shared_ptr<const std::vector<http::AddressBlock>> webhook_blocks(const Config& config);
/// The tokens with their budgets and the daemon's.
[[nodiscard]] std::shared_ptr<const api::TokenSet> token_set(const Settings& settings);
[[nodiscard]] log::Level log_level(const Config& config);
[[nodiscard]] log::Format log_format(const Config& config);

}  // namespace genq::app
