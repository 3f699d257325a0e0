#pragma once
#include <array>
#include <cstddef>
#include <string_view>

namespace genq::sim {

/// Faults that last: each begins, goes on for a while and ends; several may be on at once.
enum class Spell {
    refused,         ///< no connection to the API
    black_hole,      ///< requests leave whole and never arrive
    bad_gateway,     ///< a proxy answers 502 with a page; nothing arrives
    origin_down,     ///< Cloudflare's 521, 523, 525, 526
    slow_network,    ///< seconds each way, with a heavy tail
    stranger,        ///< somebody else sends requests on the same account
    no_credits,      ///< the balance is gone
    own_cap,         ///< 433
    bad_key,         ///< 401, 403
    client_refused,  ///< Cloudflare's 403 page
    maintenance,     ///< 455
    server_errors,   ///< 500 in kie.ai's envelope, for creates and queries
    media_down,      ///< the media hosts answer 503
    full_disk,       ///< neither rows nor blobs can be written
    low_disk,        ///< little space is left
    paused,          ///< by the operator
    calls_blocked,   ///< kie.ai's callbacks don't get through
};
inline constexpr std::array<std::string_view, 17> spell_names{
    "connection refused", "black hole", "bad gateway",    "origin down",    "slow network",     "stranger",
    "no credits",         "own cap",    "bad key",        "client refused", "maintenance",      "server errors",
    "media hosts down",   "full disk",  "low disk space", "paused",         "callbacks blocked"};

/// What is wrong at the moment.
class Weather {
  public:
    [[nodiscard]] bool on(Spell spell) const { return on_[static_cast<std::size_t>(spell)] > 0; }
    void begin(Spell spell) { ++on_[static_cast<std::size_t>(spell)]; }
    void end(Spell spell) {
        int& count = on_[static_cast<std::size_t>(spell)];
        if (count > 0) --count;
    }
    /// No single fault any more either.
    void calm_down() {
        calm_ = true;
        on_ = {};
    }
    [[nodiscard]] bool calm() const { return calm_; }

  private:
    std::array<int, spell_names.size()> on_{};
    bool calm_ = false;
};

}  // namespace genq::sim
