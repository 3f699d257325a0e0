#pragma once
#include <chrono>
#include <optional>
#include <set>
#include <vector>

#include "common/core/clock.hpp"

namespace genq::limiter {

/// Tokens of one upstream account: at most `limit` requests in any window, wherever it starts, as the server counts.
/// A token is held from before its request is sent until a window (and a margin) after the header of its *answer* is
/// complete: the server saw the request before that, and sees the next one that uses the token after it was sent, so
/// two uses of a token are at least a window apart at the server, whatever the network does (DESIGN.md, "The limiter").
/// Pure; not thread-safe: lives on the engine strand. Time is passed in, steady clock.
class WindowLimiter {
  public:
    using Duration = std::chrono::milliseconds;
    /// What the token's return waits beyond the window, for clocks that run at different speeds.
    static constexpr Duration margin{50};

    /// `limit` >= 1 tokens. `full_at`: when they may first be used, if an earlier process may have used them.
    WindowLimiter(int limit, Duration window, Duration straggler, SteadyTime now, std::optional<SteadyTime> full_at);

    /// Takes a token; false when none is free or a hold is on.
    [[nodiscard]] bool take(SteadyTime now);
    /// The request of a taken token was answered: the token returns after a window.
    void answered(SteadyTime now);
    /// No byte of it was written: the token returns at once.
    void not_sent();
    /// Written, at least in part, and given up: it may still arrive within the straggler time, so that comes on top.
    void lost(SteadyTime now);
    /// The server refused a request for its rate all the same: somebody else uses the account. Nothing is sent for
    /// `pause`; what is refused meanwhile was under way and counts for no more. Refusals that repeat within ten windows
    /// take away a quarter of the tokens, which come back one every three windows without a refusal.
    void refused(SteadyTime now, Duration pause);

    /// Free tokens right now, 0 while a hold is on.
    [[nodiscard]] int free(SteadyTime now);
    /// When the next token can be taken at the earliest: `now` if one is free; nullopt when all are in flight.
    [[nodiscard]] std::optional<SteadyTime> next_free(SteadyTime now);
    /// How long until the next of the tokens in use comes back, as far as is known: a window while all are in flight.
    [[nodiscard]] Duration next_back(SteadyTime now);
    /// When each token that waits comes back, soonest first; those in flight are not among them.
    [[nodiscard]] std::vector<SteadyTime> returns(SteadyTime now);
    /// The tokens in use at the moment, fewer than the configured limit after repeated refusals.
    [[nodiscard]] int limit() const { return limit_; }
    [[nodiscard]] Duration window() const { return window_; }
    /// Another limit or window, from a reloaded configuration. Tokens on their way back keep their times.
    void configure(int limit, Duration window, Duration straggler);

  private:
    void settle(SteadyTime now);

    int configured_;  // tokens by configuration
    int limit_;       // tokens in use
    Duration window_;
    Duration straggler_;
    int in_flight_ = 0;
    std::multiset<SteadyTime> returning_;  // when the tokens that wait come back
    SteadyTime held_until_{};
    std::optional<SteadyTime> last_refusal_;
    SteadyTime grow_at_{};
};

}  // namespace genq::limiter
