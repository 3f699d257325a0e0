#include "server/app/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "common/http/tls_context.hpp"
#include "server/app/config_keys.hpp"
#include "server/app/secrets.hpp"
#include "server/app/tokens.hpp"
#include "server/app/version.hpp"
#include "server/catalogue/catalogue.hpp"

namespace genq::app {
namespace {

// The host of kie.ai's pages for uploads ("File upload").
constexpr const char* kie_upload_url = "https://kieai.redpandaai.co";

constexpr std::string_view sandbox_state_dir = "genqd-sandbox";

std::chrono::milliseconds seconds(double value) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(value * 1000));
}

// The host of "127.0.0.1:8080", "[::1]:8080" or "localhost:0".
std::string_view host_of(std::string_view listen) {
    const auto colon = listen.rfind(':');
    auto host = colon == std::string_view::npos ? listen : listen.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return host;
}

// Tasks that are `speed` times as fast are asked for more often, but never in a busy loop.
std::chrono::milliseconds scaled(double value, double speed) {
    return std::max(seconds(value / speed), std::chrono::milliseconds(50));
}

polling::Rule poll_rule(const PollSection& section, double speed) {
    return {scaled(section.first_s, speed), scaled(section.interval_s, speed), scaled(section.stretch_after_s, speed),
            scaled(section.stretched_interval_s, speed), std::chrono::seconds(section.longest_wait_s)};
}

Result<void> check_binding(const std::vector<std::string>& addresses, bool has_tokens, bool insecure) {
    if (insecure || has_tokens) return {};
    for (const std::string& listen : addresses) {
        if (is_local_address(listen)) continue;
        return fail(errc::invalid_argument,
                    fmt::format("Without tokens genqd serves this machine only, but {} is for others too. Make a token "
                                "(`genqd token new NAME`), listen on 127.0.0.1, or say --insecure if something else "
                                "keeps strangers away.",
                                listen));
    }
    return {};
}

// The error with the place and the name of the key that led to it.
std::unexpected<Error> blame(const LoadedConfig& loaded, std::string_view key, const Error& error) {
    const auto origin = loaded.origins.find(key);
    const auto place = origin == loaded.origins.end() ? "the defaults" : std::string_view(origin->second);
    return fail(error.code, fmt::format("{}: {}: {}", place, key, error.detail));
}

Result<void> check_key(const std::string& key) {
    const auto fits = [](char c) { return c > ' ' && c <= '~'; };
    if (std::ranges::all_of(key, fits)) return {};
    return fail(errc::invalid_argument,
                "The API key of kie.ai has characters that no key has: check where it is from.");
}

// What begins with a key that is set gets the place before it.
template <class T>
Result<T> placed(const LoadedConfig& loaded, Result<T> found) {
    if (found) return found;
    const std::string& detail = found.error().detail;
    const auto origin = loaded.origins.find(detail.substr(0, detail.find(": ")));
    if (origin == loaded.origins.end()) return found;
    return fail(found.error().code, fmt::format("{}: {}", origin->second, detail));
}

Result<void> check_tls(const LoadedConfig& loaded) {
    const auto& http = loaded.config.http;
    if (http.tls_cert.empty()) return {};
    if (const auto chain = http::TlsContext::check_certificate(http.tls_cert); !chain) {
        return blame(loaded, "http.tls_cert", chain.error());
    }
    if (const auto both = http::TlsContext::for_server(http.tls_cert, http.tls_key); !both) {
        return blame(loaded, "http.tls_key", both.error());
    }
    return {};
}

Result<void> apply(const ServeArguments& arguments, LoadedConfig& loaded) {
    Config& config = loaded.config;
    const Key& listen = *find_key("http.listen");
    if (!arguments.listen.empty() && !assign(listen, RawValue(arguments.listen), config)) {
        return fail(errc::invalid_argument, fmt::format("--listen {}: http.listen has to be {}",
                                                        fmt::join(arguments.listen, " "), allowed_values(listen)));
    }
    if (!arguments.log_level.empty()) config.log.level = arguments.log_level;
    if (!arguments.log_format.empty()) config.log.format = arguments.log_format;
    if (arguments.sandbox) {
        // Play jobs have no business in the real database.
        config.state.dir = sandbox_state_dir;
        if (!loaded.origins.contains("auth.tokens_file")) config.auth.tokens_file.clear();
        config.downloads.allow_private = true;
    }
    if (!arguments.state_dir.empty()) config.state.dir = arguments.state_dir;
    return {};
}

}  // namespace

bool is_local_address(std::string_view listen) {
    if (listen.starts_with("unix:")) return true;
    const auto host = host_of(listen);
    if (host == "localhost") return true;
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(host), error);
    return !error && address.is_loopback();
}

Result<Settings> load_settings(const ServeArguments& arguments, const Environment& environment) {
    auto loaded = arguments.sandbox && arguments.config_file.empty() ? parse_config("", "the defaults", environment)
                                                                     : load_config(arguments.config_file, environment);
    if (!loaded) return std::unexpected(loaded.error());
    if (auto applied = apply(arguments, *loaded); !applied) return std::unexpected(applied.error());

    Settings settings{
        .config = loaded->config, .api_key = "", .callback_key = "", .tokens = {}, .sandbox = arguments.sandbox};
    auto tokens = load_tokens(settings.config.auth.tokens_file);
    if (!tokens) return blame(*loaded, "auth.tokens_file", tokens.error());
    settings.tokens = std::move(*tokens);
    auto models = catalogue::Catalogue::load(settings.config.models.dir);
    if (!models) return blame(*loaded, "models.dir", models.error());
    settings.catalogue = std::move(*models);
    auto callback_key = placed(*loaded, find_callback_key(settings.config, environment));
    if (!callback_key) return std::unexpected(callback_key.error());
    settings.callback_key = std::move(*callback_key);
    auto secrets = placed(*loaded, find_webhook_secrets(settings.config, environment));
    if (!secrets) return std::unexpected(secrets.error());
    settings.webhook_secrets = std::move(*secrets);
    auto headers = placed(*loaded, find_trace_headers(settings.config, environment));
    if (!headers) return std::unexpected(headers.error());
    settings.trace_headers = std::move(*headers);
    if (arguments.sandbox) {
        settings.api_key = "sandbox";
        settings.sandbox_speed = arguments.sandbox_speed;
    } else {
        auto key = placed(*loaded, find_api_key(loaded->config, environment));
        if (!key) return std::unexpected(key.error());
        settings.api_key = std::move(*key);
        if (settings.api_key.empty()) {
            return fail(
                errc::invalid_argument,
                "genqd needs an API key of kie.ai: get one at https://kie.ai/api-key and put it into KIE_API_KEY, "
                "or name a file with it in KIE_API_KEY_FILE or upstream.api_key_file. To try genqd without one: "
                "`genqd serve --sandbox`.");
        }
        if (auto good = check_key(settings.api_key); !good) return std::unexpected(good.error());
    }
    auto bound = check_binding(settings.config.http.listen, !settings.tokens.empty(), arguments.insecure);
    if (!bound) return std::unexpected(bound.error());
    return settings;
}

Result<CheckedConfig> check_config(const std::string& file, bool insecure, const Environment& environment) {
    const auto loaded = load_config(file, environment);
    if (!loaded) return std::unexpected(loaded.error());
    const Config& config = loaded->config;
    const auto tokens = load_tokens(config.auth.tokens_file);
    if (!tokens) return blame(*loaded, "auth.tokens_file", tokens.error());
    const auto key = placed(*loaded, find_api_key(loaded->config, environment));
    if (!key) return std::unexpected(key.error());
    if (auto good = check_key(*key); !good) return std::unexpected(good.error());
    if (const auto called = placed(*loaded, find_callback_key(config, environment)); !called)
        return std::unexpected(called.error());
    if (const auto secrets = placed(*loaded, find_webhook_secrets(config, environment)); !secrets) {
        return std::unexpected(secrets.error());
    }
    if (const auto headers = placed(*loaded, find_trace_headers(config, environment)); !headers) {
        return std::unexpected(headers.error());
    }
    if (auto tls = check_tls(*loaded); !tls) return std::unexpected(tls.error());
    if (const auto models = catalogue::Catalogue::load(config.models.dir); !models) {
        return blame(*loaded, "models.dir", models.error());
    }
    if (auto bound = check_binding(config.http.listen, !tokens->empty(), insecure); !bound) {
        return blame(*loaded, "http.listen", bound.error());
    }
    return CheckedConfig{loaded->origins.size(), tokens->size(), !key->empty()};
}

engine::Options engine_options(const Settings& settings, const std::string& base_url) {
    const Config& c = settings.config;
    const double speed = settings.sandbox ? settings.sandbox_speed : 1;
    engine::Options options;
    options.base_url = base_url;
    // The sandbox has no other host either.
    const bool is_kie = base_url == UpstreamSection().base_url;
    options.upload_url = !c.upstream.upload_url.empty() ? c.upstream.upload_url : is_kie ? kie_upload_url : base_url;
    options.api_key = settings.api_key;
    options.user_agent = c.upstream.user_agent;
    options.placeholder_url = c.callbacks.placeholder_url;
    options.timeout = std::chrono::seconds(c.upstream.timeout_s);
    options.callback_url = c.callbacks.public_url;
    options.callback_key = settings.callback_key;
    if (c.upstream.unknown_grace_s >= 0) options.unknown_grace = std::chrono::seconds(c.upstream.unknown_grace_s);
    options.on_unknown = c.upstream.on_unknown == "resubmit" ? engine::OnUnknown::resubmit : engine::OnUnknown::fail;
    options.max_concurrent_tasks = static_cast<int>(c.upstream.max_concurrent_tasks);
    if (c.budget.max_running > 0) {
        options.max_concurrent_tasks = std::min(options.max_concurrent_tasks, static_cast<int>(c.budget.max_running));
    }
    for (const api::Token& token : settings.tokens) {
        if (token.budget.max_running > 0) options.max_running[token.name] = token.budget.max_running;
    }
    options.limit_requests = static_cast<int>(c.limits.requests);
    options.limit_window = std::chrono::seconds(c.limits.window_s);
    options.straggler = std::chrono::seconds(c.limits.straggler_s);
    options.scope = c.limits.scope == "create" ? engine::LimitScope::create : engine::LimitScope::all;
    options.download_concurrency = static_cast<int>(c.downloads.concurrency);
    options.download_max_bytes = static_cast<std::uint64_t>(c.downloads.max_bytes);
    options.allow_private = c.downloads.allow_private;
    options.min_free_bytes = static_cast<std::uint64_t>(c.downloads.min_free_bytes);
    options.poll = {poll_rule(c.poll.image, speed), poll_rule(c.poll.video, speed), poll_rule(c.poll.audio, speed),
                    poll_rule(c.poll.midjourney, speed)};
    const std::chrono::duration<double> apart = options.upgrade_interval;
    options.upgrade_interval = scaled(apart.count(), speed);
    return options;
}

http::ServerOptions server_options(const Config& config) {
    const HttpSection& c = config.http;
    http::ServerOptions options;
    options.listen = c.listen;
    options.tls_cert = c.tls_cert;
    options.tls_key = c.tls_key;
    options.max_body_bytes = static_cast<std::uint64_t>(c.max_body_bytes);
    options.max_connections = static_cast<std::size_t>(c.max_connections);
    options.header_timeout = std::chrono::seconds(c.header_timeout_s);
    options.body_timeout = std::chrono::seconds(c.body_timeout_s);
    options.idle_timeout = std::chrono::seconds(c.idle_timeout_s);
    options.write_timeout = std::chrono::seconds(c.write_timeout_s);
    return options;
}

api::Options api_options(const Config& config) {
    api::Options options;
    for (const std::string& listen : config.http.listen) {
        if (!listen.starts_with("unix:")) options.host_names.emplace_back(host_of(listen));
    }
    options.public_url = config.http.public_url;
    options.cors_origins = config.http.cors_origins;
    options.readyz_open = config.http.readyz_open;
    options.metrics_open = config.http.metrics_open;
    options.allow_unknown_models = config.models.allow_unknown;
    options.max_body_bytes = static_cast<std::uint64_t>(config.http.max_body_bytes);
    options.max_file_bytes = static_cast<std::uint64_t>(config.http.max_file_bytes);
    options.validation = api::validation_from(config.models.validation).value_or(api::Validation::warn);
    // Streams stay, so ordinary requests keep an eighth of the connections for themselves.
    const auto connections = static_cast<std::size_t>(config.http.max_connections);
    options.max_streams = connections - (connections + 7) / 8;
    options.max_queued = config.http.max_queued;
    options.min_free_bytes = static_cast<std::uint64_t>(config.downloads.min_free_bytes);
    const auto& poll = config.poll;
    options.longest_wait = {
        std::chrono::seconds(poll.image.longest_wait_s), std::chrono::seconds(poll.video.longest_wait_s),
        std::chrono::seconds(poll.audio.longest_wait_s), std::chrono::seconds(poll.midjourney.longest_wait_s)};
    options.url_ttl = std::chrono::seconds(config.front.url_ttl_s);
    options.allow_private = config.downloads.allow_private;
    options.version = std::string(version());
    return options;
}

std::shared_ptr<const std::vector<http::AddressBlock>> webhook_blocks(const Config& config) {
    std::vector<http::AddressBlock> blocks;
    for (const auto& text : config.webhooks.allow_cidrs) {
        if (const auto block = http::parse_address_block(text)) blocks.push_back(*block);
    }
    return std::make_shared<const std::vector<http::AddressBlock>>(std::move(blocks));
}

std::shared_ptr<const api::TokenSet> token_set(const Settings& settings) {
    const BudgetSection& budget = settings.config.budget;
    api::DaemonBudget daemon;
    daemon.budget.credits_per_day = to_millicredits(budget.credits_per_day);
    daemon.budget.max_queued = budget.max_queued;
    daemon.budget.max_running = budget.max_running;
    daemon.unknown_credits = to_millicredits(budget.unknown_credits);
    return std::make_shared<const api::TokenSet>(settings.tokens, daemon);
}

log::Level log_level(const Config& config) {
    if (config.log.level == "debug") return log::Level::debug;
    if (config.log.level == "warn") return log::Level::warn;
    if (config.log.level == "error") return log::Level::error;
    return log::Level::info;
}

log::Format log_format(const Config& config) {
    return config.log.format == "json" ? log::Format::json : log::Format::text;
}

}  // namespace genq::app
