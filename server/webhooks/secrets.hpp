#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/error.hpp"

namespace genq::webhooks {

/// The keys that sign webhooks, as raw bytes; never logged. The first is the present one, the others are on their way
/// out or in: all sign, so that a receiver may know any of them.
using Secrets = std::vector<std::string>;

/// Reads `whsec_<base64>` of 24 to 64 bytes (Standard Webhooks, "Signature scheme"). errc::invalid_argument; the detail
/// tells which of them is bad and does not repeat it.
[[nodiscard]] Result<Secrets> read_secrets(const std::vector<std::string>& texts);

/// The value of `webhook-signature`: `v1,<base64 of HMAC-SHA256>` over id, time (Unix seconds) and body, joined by
/// dots; one a secret, a blank between.
[[nodiscard]] std::string sign(const Secrets& secrets, std::string_view id, std::int64_t timestamp,
                               std::string_view body);

}  // namespace genq::webhooks
