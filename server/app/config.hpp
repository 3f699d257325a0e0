#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/error.hpp"
#include "server/app/environment.hpp"

namespace genq::app {

// One struct a section of the configuration, members named as the keys are. What they mean, their units and their
// ranges stand in config_keys.cpp, and from there in config/genqd.toml.

/// `[http]`: the listeners.
struct HttpSection {
    std::vector<std::string> listen{"127.0.0.1:8080"};
    std::string public_url;
    std::vector<std::string> cors_origins;
    std::string tls_cert;
    std::string tls_key;
    std::int64_t max_body_bytes = 1 << 20;
    std::int64_t max_file_bytes = 1 << 30;
    std::int64_t max_connections = 12'000;
    std::int64_t header_timeout_s = 10;
    std::int64_t body_timeout_s = 60;
    std::int64_t idle_timeout_s = 75;
    std::int64_t write_timeout_s = 60;
    bool readyz_open = true;
    bool metrics_open = true;
    std::int64_t max_queued = 10'000'000;
};

/// `[state]`.
struct StateSection {
    std::string dir = "/var/lib/genqd";
};

/// `[database]`.
struct DatabaseSection {
    std::string synchronous = "full";
};

/// `[upstream]`.
struct UpstreamSection {
    std::string base_url = "https://api.kie.ai";
    std::string upload_url;
    std::string api_key_file;
    std::int64_t timeout_s = 30;
    std::int64_t unknown_grace_s = -1;
    std::string on_unknown = "fail";
    std::int64_t max_concurrent_tasks = 100;
    std::string user_agent = "Mozilla/5.0 (compatible; genqd)";
};

/// `[limits]`.
struct LimitsSection {
    std::int64_t requests = 20;
    std::int64_t window_s = 10;
    std::int64_t straggler_s = 10;
    std::string scope = "all";
};

/// `[downloads]`.
struct DownloadsSection {
    std::int64_t concurrency = 4;
    std::int64_t max_bytes = std::int64_t{4} << 30;
    bool allow_private = false;
    std::int64_t min_free_bytes = std::int64_t{256} << 20;
};

/// `[auth]`.
struct AuthSection {
    std::string tokens_file = "/etc/genqd/tokens.toml";
};

/// `[poll.image]` and the others: when a task is asked for.
struct PollSection {
    double first_s = 3;
    double interval_s = 3;
    double stretch_after_s = 120;
    double stretched_interval_s = 15;
    std::int64_t longest_wait_s = 300;
};

/// `[poll.*]` by profile, with the defaults of each.
struct PollSections {
    PollSection image;
    PollSection video{5, 5, 120, 20, 600};
    PollSection audio{5, 5, 120, 20, 600};
    PollSection midjourney{10, 10, 120, 20, 300};
};

/// `[callbacks]`.
struct CallbacksSection {
    std::string public_url;
    std::string hmac_key;  ///< never shown or logged
    std::string hmac_key_file;
    std::string placeholder_url = "https://example.com/genqd-callback";
};

/// `[front]`: kie.ai's own API, served here.
struct FrontSection {
    std::string hmac_key;  ///< never shown or logged
    std::int64_t url_ttl_s = 86'400;
};

/// `[webhooks]`.
struct WebhooksSection {
    std::vector<std::string> secrets;  ///< never shown or logged
    std::string secrets_file;
    std::vector<std::string> allow_cidrs;
};

/// `[tracing]`.
struct TracingSection {
    std::string otlp_url;
    std::vector<std::string> headers;  ///< never shown or logged
    std::string headers_file;
    std::string service_name = "genqd";
};

/// `[budget]`: what all callers together may use; 0: no limit.
struct BudgetSection {
    double credits_per_day = 0;
    std::int64_t max_queued = 0;
    std::int64_t max_running = 0;
    double unknown_credits = 50;
};

/// `[retention]`: what may be deleted, and when.
struct RetentionSection {
    std::int64_t max_age_days = 0;
    std::int64_t max_bytes = 0;
    std::vector<std::string> keep_labels;
};

/// `[shutdown]`.
struct ShutdownSection {
    std::int64_t grace_s = 45;
};

/// `[log]`.
struct LogSection {
    std::string level = "info";
    std::string format = "text";
};

/// `[models]`.
struct ModelsSection {
    std::string dir;
    bool allow_unknown = true;
    std::string validation = "warn";
};

/// `[media]`.
struct MediaSection {
    std::string tools = "auto";
};

/// What an operator can set (DESIGN.md, "Configuration"). The secrets in it are not shown by render_config().
struct Config {
    HttpSection http;
    StateSection state;
    DatabaseSection database;
    UpstreamSection upstream;
    LimitsSection limits;
    DownloadsSection downloads;
    AuthSection auth;
    PollSections poll;
    CallbacksSection callbacks;
    FrontSection front;
    WebhooksSection webhooks;
    TracingSection tracing;
    BudgetSection budget;
    RetentionSection retention;
    ShutdownSection shutdown;
    LogSection log;
    ModelsSection models;
    MediaSection media;
};

inline constexpr std::string_view default_config_file = "/etc/genqd/genqd.toml";

/// A configuration and where each of its values comes from.
struct LoadedConfig {
    Config config;
    /// By key ("http.listen"): "genqd.toml:12" or "GENQD_HTTP__LISTEN". Keys at their default are absent.
    std::map<std::string, std::string, std::less<>> origins;
};

/// Reads `file`, or the default file if `file` is "" (it may be missing then), and the variables
/// GENQD_<SECTION>__<KEY>, which win. errc::invalid_argument with one line for each fault: file and line or variable,
/// key, and what is allowed. errc::not_found if a named file is missing.
[[nodiscard]] Result<LoadedConfig> load_config(const std::string& file, const Environment& environment);

/// The same from TOML text; `name` stands in the messages as the file's name.
[[nodiscard]] Result<LoadedConfig> parse_config(std::string_view toml, std::string_view name,
                                                const Environment& environment);

/// The configuration as TOML: each key under its section with its value. With `explain` each key has its explanation
/// above it (so `config/genqd.toml` is made); else where the value comes from stands behind it.
[[nodiscard]] std::string render_config(const LoadedConfig& loaded, bool explain);

}  // namespace genq::app
