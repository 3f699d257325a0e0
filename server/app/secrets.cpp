#include "server/app/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace genq::app {
namespace {

/// A line with secrets, and the name of where it is from.
struct SecretLine {
    std::string text;
    std::string where;
};

/// The error says where the line would be from.
Result<SecretLine> named(Result<std::string> line, std::string where) {
    if (!line) return fail(line.error().code, fmt::format("{}: {}", where, line.error().detail));
    return SecretLine{std::move(*line), std::move(where)};
}

/// The first line of the systemd credential, else of the file that the key names; "" if there is neither.
Result<SecretLine> secret_line(const std::string& credential, const std::string& file, const std::string& key,
                               const Environment& environment) {
    if (const auto folder = find(environment, "CREDENTIALS_DIRECTORY")) {
        auto line = read_secret_file(*folder + "/" + credential);
        if (line || line.error().code != errc::not_found) return named(std::move(line), "the credential " + credential);
    }
    return named(file.empty() ? Result<std::string>(std::string()) : read_secret_file(file), key);
}

Result<std::string> text_of(Result<SecretLine> line) {
    if (!line) return std::unexpected(line.error());
    return std::move(line->text);
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; (start = text.find_first_not_of(separators, start)) != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(separators, start), text.size());
        parts.emplace_back(text.substr(start, end - start));
        start = end;
    }
    return parts;
}

/// "Name: value"; nullopt for what is no header.
std::optional<http::Fields::Entry> read_header(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || first >= colon) return std::nullopt;
    const auto name = text.substr(first, colon - first);
    const auto begin = std::min(text.find_first_not_of(' ', colon + 1), text.size());
    const auto value = text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
    const bool named = std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    const bool printable = std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
    if (!named || !printable || value.empty()) return std::nullopt;
    return http::Fields::Entry(name, value);
}

}  // namespace

Result<std::string> find_api_key(const Config& config, const Environment& environment) {
    if (auto key = find(environment, "KIE_API_KEY")) return *key;
    if (auto file = find(environment, "KIE_API_KEY_FILE")) {
        return text_of(named(read_secret_file(*file), "KIE_API_KEY_FILE"));
    }
    return text_of(secret_line("kie_api_key", config.upstream.api_key_file, "upstream.api_key_file", environment));
}

Result<std::string> find_callback_key(const Config& config, const Environment& environment) {
    const CallbacksSection& section = config.callbacks;
    if (!section.hmac_key.empty()) return section.hmac_key;
    return text_of(secret_line("callbacks_hmac_key", section.hmac_key_file, "callbacks.hmac_key_file", environment));
}

Result<webhooks::Secrets> find_webhook_secrets(const Config& config, const Environment& environment) {
    const auto read = [](const std::vector<std::string>& texts, std::string_view where) -> Result<webhooks::Secrets> {
        auto secrets = webhooks::read_secrets(texts);
        if (!secrets) return fail(secrets.error().code, fmt::format("{}: {}", where, secrets.error().detail));
        return secrets;
    };
    const WebhooksSection& section = config.webhooks;
    if (!section.secrets.empty()) return read(section.secrets, "webhooks.secrets");
    const auto found = secret_line("webhooks_secrets", section.secrets_file, "webhooks.secrets_file", environment);
    if (!found) return std::unexpected(found.error());
    return read(split(found->text, ", \t"), found->where);
}

Result<http::Fields> find_trace_headers(const Config& config, const Environment& environment) {
    const TracingSection& section = config.tracing;
    SecretLine found{.text = "", .where = "tracing.headers"};
    auto texts = section.headers;
    if (texts.empty()) {
        auto line = secret_line("tracing_headers", section.headers_file, "tracing.headers_file", environment);
        if (!line) return std::unexpected(line.error());
        found = std::move(*line);
        texts = split(found.text, ",");
    }
    http::Fields headers;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto header = read_header(texts[i]);
        if (!header) {
            return fail(errc::invalid_argument, fmt::format("{}: header {} of {} is not written \"Name: value\"",
                                                            found.where, i + 1, texts.size()));
        }
        headers.add(header->first, std::move(header->second));
    }
    return headers;
}

}  // namespace genq::app
