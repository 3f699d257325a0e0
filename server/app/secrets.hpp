#pragma once
#include <string>

#include "common/core/error.hpp"
#include "common/http/message.hpp"
#include "server/app/config.hpp"
#include "server/app/environment.hpp"
#include "server/webhooks/secrets.hpp"

namespace genq::app {

// What is secret, from wherever it may come. Errors begin with what names the place, a key mostly, and show nothing of
// the secret.

/// kie.ai's API key: KIE_API_KEY, KIE_API_KEY_FILE, $CREDENTIALS_DIRECTORY/kie_api_key, upstream.api_key_file, in this
/// order; "" if there is none. Errors begin with what names the file that can't be read.
[[nodiscard]] Result<std::string> find_api_key(const Config& config, const Environment& environment);

/// The key that kie.ai signs callbacks with: callbacks.hmac_key, $CREDENTIALS_DIRECTORY/callbacks_hmac_key,
/// callbacks.hmac_key_file, in this order; "" if there is none. Errors begin with the key or credential.
[[nodiscard]] Result<std::string> find_callback_key(const Config& config, const Environment& environment);

/// What signs webhooks: webhooks.secrets, else the systemd credential webhooks_secrets, else webhooks.secrets_file,
/// whose first line has them with commas or blanks between. Empty if there are none. Errors name the key.
[[nodiscard]] Result<webhooks::Secrets> find_webhook_secrets(const Config& config, const Environment& environment);

/// What is sent with each export of traces: tracing.headers, else the systemd credential tracing_headers, else
/// tracing.headers_file, whose first line has them with commas between. Errors name the key, and no header.
[[nodiscard]] Result<http::Fields> find_trace_headers(const Config& config, const Environment& environment);

}  // namespace genq::app
