#pragma once
#include <boost/asio/awaitable.hpp>
#include <optional>

#include "server/engine/core.hpp"
#include "server/engine/reviver.hpp"

namespace genq::engine {

/// Goes on asking for the tasks of jobs that timed out, every ten minutes for a day, with what nobody else wants of the
/// limit; one that succeeded revives its job (DESIGN.md, "Polling"). Which and when is the store's: nothing is kept
/// here. Engine strand.
class LateWatch {
  public:
    LateWatch(Core& core, Reviver& reviver) : core_(core), reviver_(reviver) {}

    /// Asks the store who is next, if that may have changed (core.late_dirty).
    [[nodiscard]] boost::asio::awaitable<void> refresh();
    /// When look() has something to do; nullopt: never, or it is under way.
    [[nodiscard]] std::optional<SteadyTime> next_due() const;
    /// Takes its turn: look() must follow.
    void begin() { looking_ = true; }
    /// Asks for the first of them; a token of core.query_tokens() is held for it.
    [[nodiscard]] boost::asio::awaitable<void> look();

  private:
    /// The time of the next look at this job's task; nullopt: it is of no use any more.
    [[nodiscard]] boost::asio::awaitable<std::optional<WallTime>> ask(Job job);

    Core& core_;
    Reviver& reviver_;
    std::optional<SteadyTime> due_;
    bool looking_ = false;
};

}  // namespace genq::engine
