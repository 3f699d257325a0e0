#include "server/app/config_keys.hpp"

#include <array>
#include <charconv>

#include "common/http/address.hpp"
#include "common/http/url.hpp"

namespace genq::app {
namespace {

constexpr std::int64_t day_s = 86'400;

bool is_http_url(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (text.starts_with(scheme) && text.size() > scheme.size()) return true;
    }
    return false;
}
bool is_base_url(std::string_view text) {
    return http::parse_url(text) && text.find_first_of("?#") == std::string_view::npos;
}
bool is_base_url_or_empty(std::string_view text) {
    return text.empty() || is_base_url(text);
}
// As browsers send it: without a path, also the single slash.
bool is_origin(std::string_view text) {
    const auto host = text.find("://");
    if (host == std::string_view::npos) return text == "*" || text == "null";
    return host > 0 && host + 3 < text.size() && text.find_first_of("/?#@ ", host + 3) == std::string_view::npos;
}
bool is_header_text(std::string_view text) {
    for (const char c : text) {
        if (c < ' ' || c > '~') return false;
    }
    return !text.empty();
}
bool is_label(std::string_view text) {
    return text.find('=') != std::string_view::npos && !text.starts_with('=');
}
// "host:port" with a port up to 65535, "[v6]:port", or "unix:" and a path that fits a socket's address.
bool is_listen_address(std::string_view text) {
    constexpr std::size_t longest_socket_path = 107;
    if (text.starts_with("unix:")) return text.size() > 5 && text.size() - 5 <= longest_socket_path;
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (!bracketed && host.find(':') != std::string_view::npos) return false;
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port <= 65'535;
}
bool is_address_block(std::string_view text) {
    return http::parse_address_block(text).has_value();
}
bool is_not_empty(std::string_view text) {
    return !text.empty();
}

// The members of a Config by address, for the table below.
#define AT(member) ([](Config& c) -> auto& { return c.member; })

TextKey base_url_or_empty(std::string& (*at)(Config&)) {
    return {at, {}, is_base_url_or_empty, "an http:// or https:// URL without a query, or \"\" for none"};
}
TextKey path_or_empty(std::string& (*at)(Config&)) {
    return {at, {}, nullptr, "a path, or \"\" for none"};
}

void add_poll(std::vector<Key>& keys, std::string_view section, std::array<double& (*)(Config&), 4> times,
              std::int64_t& (*longest)(Config&)) {
    keys.push_back({section, "first_s", "A task is not asked for before it is so many seconds old. Decimals are fine.",
                    RealKey{times[0], 0.05, 3600}});
    keys.push_back({section, "interval_s",
                    "At least so many seconds between two queries of a task, however free the limiter is.",
                    RealKey{times[1], 0.05, 3600}});
    keys.push_back({section, "stretch_after_s", "From this age of a task on …", RealKey{times[2], 0, day_s}});
    keys.push_back({section, "stretched_interval_s", "… at least so many.", RealKey{times[3], 0.05, 3600}});
    keys.push_back({section, "longest_wait_s",
                    "A task that is not done by then fails its job as generation_timeout (a catalogue entry may\n"
                    "allow more).",
                    WholeKey{longest, 1, 7 * day_s}});
}

std::vector<Key> make_keys() {
    std::vector<Key> keys{
        {"http", "listen",
         "Addresses to serve on: \"127.0.0.1:8080\", \"[::1]:8080\", \"unix:/run/genqd/genqd.sock\". Without tokens\n"
         "only loopback and Unix sockets are allowed (unless --insecure says otherwise).",
         ListKey{AT(http.listen), true, is_listen_address, "addresses (host:port, [v6]:port, unix:/path)"}},
        {"http", "public_url",
         "How clients reach this daemon from outside, if a proxy stands before it: what signed URLs begin with. \"\":\n"
         "the address that a request came to.",
         base_url_or_empty(AT(http.public_url))},
        {"http", "cors_origins", "Origins whose pages may use the API from a browser. None by default.",
         ListKey{AT(http.cors_origins), false, is_origin, "origins (https://example.com, nothing behind it) or \"*\""}},
        {"http", "tls_cert", "PEM file with the certificate chain. With tls_key all TCP addresses speak TLS.",
         path_or_empty(AT(http.tls_cert))},
        {"http", "tls_key", "PEM file with the certificate's key.", path_or_empty(AT(http.tls_key))},
        {"http", "max_body_bytes", "Longest request body; a batch may be sixteen times as long.",
         WholeKey{AT(http.max_body_bytes), 1024, 1 << 30}},
        {"http", "max_file_bytes", "Longest file that a client may send or name by a URL.",
         WholeKey{AT(http.max_file_bytes), 1024, std::int64_t{1} << 40}},
        {"http", "max_connections",
         "Connections served at once; more are answered with 503. Streams of events take seven eighths of them at\n"
         "most. The process needs as many file descriptors (ulimit -n, LimitNOFILE=).",
         WholeKey{AT(http.max_connections), 1, 100'000}},
        {"http", "header_timeout_s", "Seconds from a request's first byte to the end of its header.",
         WholeKey{AT(http.header_timeout_s), 1, 3600}},
        {"http", "body_timeout_s", "Seconds for a whole request body.", WholeKey{AT(http.body_timeout_s), 1, 3600}},
        {"http", "idle_timeout_s", "Seconds that a kept-alive connection may be idle.",
         WholeKey{AT(http.idle_timeout_s), 1, 3600}},
        {"http", "write_timeout_s",
         "Seconds that a client may take for each slice of an answer. A reader of events that takes longer is cut off.",
         WholeKey{AT(http.write_timeout_s), 1, 3600}},
        {"http", "readyz_open", "Answer /readyz without a token.", BoolKey{AT(http.readyz_open)}},
        {"http", "metrics_open", "Answer /metrics without a token.", BoolKey{AT(http.metrics_open)}},
        {"http", "max_queued", "Jobs that may wait at once; further ones are refused with queue_full.",
         WholeKey{AT(http.max_queued), 1, 100'000'000}},

        {"state", "dir", "Where the database genqd.db and the outputs (blobs/) live. One daemon a folder.",
         TextKey{AT(state.dir), {}, is_not_empty, "a path"}},

        {"database", "synchronous",
         "\"full\": what was answered survives power loss. \"normal\": it survives a crash of the daemon.",
         TextKey{AT(database.synchronous), {"full", "normal"}}},

        {"upstream", "base_url", "Where kie.ai's API is.",
         TextKey{AT(upstream.base_url), {}, is_base_url, "an http:// or https:// URL without a query"}},
        {"upstream", "upload_url",
         "Where kie.ai takes files. \"\": its own host for that, https://kieai.redpandaai.co, if base_url is\n"
         "kie.ai's; else base_url, and then uploads count against the limit.",
         base_url_or_empty(AT(upstream.upload_url))},
        {"upstream", "api_key_file",
         "File with kie.ai's API key. KIE_API_KEY, KIE_API_KEY_FILE and the systemd credential kie_api_key go\n"
         "before it. A key: https://kie.ai/api-key",
         path_or_empty(AT(upstream.api_key_file))},
        {"upstream", "timeout_s", "Seconds for one API request, connecting included.",
         WholeKey{AT(upstream.timeout_s), 1, 600}},
        {"upstream", "unknown_grace_s",
         "How many seconds a create whose outcome is not known may stay so before its job fails as\n"
         "submit_unknown. -1: with callbacks the job's longest wait and 300 s, since the callback that settles it\n"
         "comes when the task ends; without them it fails at once.",
         WholeKey{AT(upstream.unknown_grace_s), -1, day_s}},
        {"upstream", "on_unknown",
         "What becomes of a create whose outcome stays unknown: \"fail\" leaves the decision to the caller,\n"
         "\"resubmit\" sends it again and may pay twice.",
         TextKey{AT(upstream.on_unknown), {"fail", "resubmit"}}},
        {"upstream", "max_concurrent_tasks", "Tasks that may run at kie.ai at once.",
         WholeKey{AT(upstream.max_concurrent_tasks), 1, 10'000}},
        {"upstream", "user_agent", "Sent with every request to kie.ai.",
         TextKey{AT(upstream.user_agent), {}, is_header_text, "printable ASCII text"}},

        {"limits", "requests", "So many requests in any window of window_s seconds. kie.ai's limit is 20 in 10 s.",
         WholeKey{AT(limits.requests), 1, 10'000}},
        {"limits", "window_s", "The window's length in seconds.", WholeKey{AT(limits.window_s), 1, 3600}},
        {"limits", "straggler_s",
         "Seconds for which a request without an answer still counts: it may reach kie.ai that late.",
         WholeKey{AT(limits.straggler_s), 0, 3600}},
        {"limits", "scope",
         "What counts: \"all\" requests to the API, or \"create\" (queries have their own 10/s then).",
         TextKey{AT(limits.scope), {"all", "create"}}},

        {"downloads", "concurrency", "Outputs fetched at once.", WholeKey{AT(downloads.concurrency), 1, 256}},
        {"downloads", "max_bytes", "The largest output that is stored.",
         WholeKey{AT(downloads.max_bytes), 1 << 20, std::int64_t{1} << 42}},
        {"downloads", "allow_private",
         "Fetch outputs, and files that a client names by URL, from private and loopback addresses too, and call a\n"
         "callBackUrl there.",
         BoolKey{AT(downloads.allow_private)}},
        {"downloads", "min_free_bytes", "With less room than this on the disk no job is submitted.",
         WholeKey{AT(downloads.min_free_bytes), 0, std::int64_t{1} << 42}},

        {"auth", "tokens_file",
         "The tokens' names, hashes and scopes, as `genqd token new` writes them. Without tokens everybody who\n"
         "reaches the daemon may use it. \"\": no tokens.",
         path_or_empty(AT(auth.tokens_file))},
    };
    add_poll(keys, "poll.image",
             {AT(poll.image.first_s), AT(poll.image.interval_s), AT(poll.image.stretch_after_s),
              AT(poll.image.stretched_interval_s)},
             AT(poll.image.longest_wait_s));
    add_poll(keys, "poll.video",
             {AT(poll.video.first_s), AT(poll.video.interval_s), AT(poll.video.stretch_after_s),
              AT(poll.video.stretched_interval_s)},
             AT(poll.video.longest_wait_s));
    add_poll(keys, "poll.audio",
             {AT(poll.audio.first_s), AT(poll.audio.interval_s), AT(poll.audio.stretch_after_s),
              AT(poll.audio.stretched_interval_s)},
             AT(poll.audio.longest_wait_s));
    add_poll(keys, "poll.midjourney",
             {AT(poll.midjourney.first_s), AT(poll.midjourney.interval_s), AT(poll.midjourney.stretch_after_s),
              AT(poll.midjourney.stretched_interval_s)},
             AT(poll.midjourney.longest_wait_s));
    for (
        Key key : std::vector<Key>{
            {"callbacks", "public_url",
             "How kie.ai reaches this daemon: with it every create asks for a callback at\n"
             "<public_url>/v1/callbacks/…, and tasks are asked for less. \"\" for none: tasks are polled.",
             base_url_or_empty(AT(callbacks.public_url))},
            {"callbacks", "hmac_key",
             "The webhook key of kie.ai's account settings, which signs callbacks: a signed one ends its job without\n"
             "a query. Better put into GENQD_CALLBACKS__HMAC_KEY, the systemd credential callbacks_hmac_key or …",
             TextKey{AT(callbacks.hmac_key), {}, nullptr, "a text", true}},
            {"callbacks", "hmac_key_file", "… a file of its own.", path_or_empty(AT(callbacks.hmac_key_file))},
            {"callbacks", "placeholder_url",
             "Suno insists on a callBackUrl, also from those who poll: without a public_url this one is sent. Nobody\n"
             "need answer there.",
             TextKey{AT(callbacks.placeholder_url), {}, is_http_url, "an http:// or https:// URL"}},
            {"front", "hmac_key",
             "Signs the calls to a client's callBackUrl as kie.ai signs its own; \"\": they are not signed. Better "
             "put\n"
             "into GENQD_FRONT__HMAC_KEY.",
             TextKey{AT(front.hmac_key), {}, nullptr, "a text", true}},
            {"front", "url_ttl_s",
             "Seconds for which the result URLs in answers under /api hold; each poll makes new ones.",
             WholeKey{AT(front.url_ttl_s), 60, 604'800}},
            {"webhooks", "secrets",
             "What signs the webhooks of jobs (Standard Webhooks): \"whsec_\" and the base64 of 24 to 64 random "
             "bytes.\n"
             "With several all sign, the first first: so one is rotated. A reload takes new ones. Without any, jobs "
             "with\n"
             "a webhook are refused. Better put into GENQD_WEBHOOKS__SECRETS, the systemd credential\n"
             "webhooks_secrets or …",
             ListKey{AT(webhooks.secrets), false, nullptr, "texts", true}},
            {"webhooks", "secrets_file", "… the first line of a file, with blanks between.",
             path_or_empty(AT(webhooks.secrets_file))},
            {"webhooks", "allow_cidrs",
             "Private and loopback addresses that webhooks may go to: \"10.0.0.0/8\", \"127.0.0.1\", \"fd00::/8\".",
             ListKey{AT(webhooks.allow_cidrs), false, is_address_block,
                     "addresses or blocks of them (10.0.0.0/8, fd00::/8; none of ::ffff:0:0/96)"}},
            {"tracing", "otlp_url",
             "Where an OpenTelemetry collector takes OTLP over HTTP, as JSON: \"http://localhost:4318\"; /v1/traces "
             "is\n"
             "added. \"\": no traces. Keys of this section take effect at a start.",
             base_url_or_empty(AT(tracing.otlp_url))},
            {"tracing", "headers",
             "Sent with each request to it, such as \"Authorization: Bearer …\". Better put into\n"
             "GENQD_TRACING__HEADERS, the systemd credential tracing_headers or …",
             ListKey{AT(tracing.headers), false, nullptr, "headers (Name: value)", true}},
            {"tracing", "headers_file", "… the first line of a file, with commas between.",
             path_or_empty(AT(tracing.headers_file))},
            {"tracing", "service_name", "What traces are told under (service.name).",
             TextKey{AT(tracing.service_name), {}, is_header_text, "printable ASCII text"}},
            {"budget", "credits_per_day",
             "Credits that all jobs together may take in a UTC day; a job that does not fit is refused (402). 0: no\n"
             "limit.",
             RealKey{AT(budget.credits_per_day), 0, 1e9}},
            {"budget", "max_queued", "Jobs that may be queued at once; more are refused (429). 0: no limit.",
             WholeKey{AT(budget.max_queued), 0, 100'000'000}},
            {"budget", "max_running",
             "Jobs that may be at kie.ai at once; others wait. 0: no limit but upstream.max_concurrent_tasks.",
             WholeKey{AT(budget.max_running), 0, 10'000}},
            {"budget", "unknown_credits",
             "What is reserved for a job of a model whose price nobody knows: the catalogue has none, and no job of\n"
             "it has told its cost yet. High, since the dear models (video) cost tens to hundreds, and a first job\n"
             "that is refused for nothing does less harm than a thousand that break the budget.",
             RealKey{AT(budget.unknown_credits), 0.001, 1e6}},
            {"retention", "max_age_days",
             "Jobs that ended so many days ago are deleted, and their outputs with them unless another job lists "
             "them.\n"
             "0: none.",
             WholeKey{AT(retention.max_age_days), 0, 36'500}},
            {"retention", "max_bytes",
             "While jobs list more bytes of outputs than this the oldest that have ended are deleted. 0: no limit.",
             WholeKey{AT(retention.max_bytes), 0, std::int64_t{1} << 52}},
            {"retention", "keep_labels", "Jobs with one of these labels (\"project=spring\") are never deleted.",
             ListKey{AT(retention.keep_labels), false, is_label, "labels (key=value)"}},
            {"shutdown", "grace_s",
             "Seconds that a stopping daemon gives what it does. More than upstream.timeout_s, so that a create in\n"
             "flight is never cut off; systemd's TimeoutStopSec has to be longer still.",
             WholeKey{AT(shutdown.grace_s), 1, 3600}},
            {"log", "level", "The least important events that are logged.",
             TextKey{AT(log.level), {"debug", "info", "warn", "error"}}},
            {"log", "format", "\"text\" for people and journald, \"json\" for machines: one line an event.",
             TextKey{AT(log.format), {"text", "json"}}},
            {"models", "dir", "Folder with further catalogue files (*.json); their entries win by id. \"\" for none.",
             path_or_empty(AT(models.dir))},
            {"models", "allow_unknown", "Accept a model that the catalogue does not know if the job names its family.",
             BoolKey{AT(models.allow_unknown)}},
            {"models", "validation",
             "How a job's input is checked that does not say `validate`. \"warn\": missing, of a wrong type or out of\n"
             "range is refused; unknown fields and values pass and are named in the job's warnings. \"strict\": those\n"
             "are refused too. \"off\": no check.",
             TextKey{AT(models.validation), {"warn", "strict", "off"}}},
            {"media", "tools",
             "\"auto\": sizes, durations and codecs of outputs are read with ffprobe, thumbnails made with ffmpeg, in\n"
             "confinement, if the two are found in PATH (Debian: the package ffmpeg). \"off\": neither.",
             TextKey{AT(media.tools), {"auto", "off"}}},
        }) {
        keys.push_back(std::move(key));
    }
    return keys;
}
#undef AT

}  // namespace

std::span<const Key> config_keys() {
    static const std::vector<Key> keys = make_keys();
    return keys;
}

const Key* find_key(std::string_view path) {
    for (const Key& key : config_keys()) {
        if (key.path() == path) return &key;
    }
    return nullptr;
}

std::string_view section_about(std::string_view section) {
    if (section == "limits")
        return "kie.ai's rate limit is the account's. One daemon keeps it: two with one key don't know of each other.";
    if (section == "retention")
        return "Jobs and outputs are kept for good unless this says otherwise; `genqd gc` or the daemon, hourly, "
               "deletes.";
    if (section == "webhooks") return "Who is told of jobs' events, signed (README).";
    if (section == "tracing") return "One OpenTelemetry trace of each job, when it has ended (README).";
    if (section == "front") return "kie.ai's own API under /api, for clients written for it (README).";
    if (section == "poll.image") return "Bounds of when a running task is asked for; genqd learns the moments itself.";
    if (section == "budget")
        return "What all callers share. A token may have limits of its own, by these names; a job must fit into both.";
    if (section == "poll.audio") return "Music and speech.";
    return "";
}

}  // namespace genq::app
