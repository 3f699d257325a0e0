#pragma once
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <optional>

#include "server/engine/core.hpp"

namespace genq::engine {

/// Watches tasks: knows which are running, asks for them when core.planner says so, and what a record means for the job
/// (DESIGN.md, "Polling"). Runs on the engine strand.
class Poller {
  public:
    /// `generated` is told that a job has outputs to download.
    Poller(Core& core, std::function<void(JobId)> generated) : core_(core), generated_(std::move(generated)) {}

    /// Takes up a job in `generating`; its step_at says when it is asked for next.
    void watch(Job job);
    /// Stops watching: the job was canceled or deleted. Its slot lingers until the task's likely end.
    void forget(std::int64_t row);
    /// When the next query is due at the present price, nullopt when nothing is watched.
    [[nodiscard]] std::optional<SteadyTime> next_due(SteadyTime now);
    /// Takes the task whose query is due and worth most; nullopt when none is due. Its query must follow at once.
    [[nodiscard]] std::optional<std::int64_t> take_due(SteadyTime now);
    /// Asks for the task of `row`, which take_due() gave; a token of core.query_tokens() is held for it.
    [[nodiscard]] boost::asio::awaitable<void> query(std::int64_t row);
    /// What a signed callback says of the task of `row`, which has succeeded with a result or failed: ends it without a
    /// query. Nothing happens when it is not watched any more.
    [[nodiscard]] boost::asio::awaitable<void> told(std::int64_t row, upstream::TaskReport report);
    /// Somebody says that there is news of the task: it is asked for at once, but once in ten seconds at most.
    void hint(std::int64_t row);
    [[nodiscard]] std::size_t size() const { return watched_.size(); }
    /// Tasks of this caller that are watched.
    [[nodiscard]] std::int64_t running(std::string_view caller) const;
    [[nodiscard]] bool watches(std::int64_t row) const { return watched_.contains(row); }

  private:
    struct Watched {
        Job job;
        SteadyTime submitted;                         // steady time of the submission, for ages
        SteadyTime give_up;                           // the longest wait ends
        SteadyTime hinted;                            // the query that was brought forward by the last hint
        SteadyTime last_look;                         // when it was last seen not to be done
        int failures = 0;                             // queries in a row without a readable answer
        int invisible = 0;                            // in a row: kie.ai does not know the task (yet)
        int rereads = 0;                              // "done" without a usable result
        std::optional<upstream::TaskReport> partial;  // what was there before the end (Suno's first track)
    };

    [[nodiscard]] boost::asio::awaitable<void> apply(std::int64_t row, upstream::QueryOutcome outcome);
    [[nodiscard]] boost::asio::awaitable<void> report(std::int64_t row, upstream::TaskReport report);
    [[nodiscard]] boost::asio::awaitable<void> succeeded(std::int64_t row, upstream::TaskReport report,
                                                         bool polled = true);
    [[nodiscard]] boost::asio::awaitable<void> failed(std::int64_t row, upstream::TaskReport report,
                                                      bool polled = true);
    [[nodiscard]] boost::asio::awaitable<void> timed_out(std::int64_t row);
    /// Stores when the task is asked for next.
    [[nodiscard]] boost::asio::awaitable<void> record_plan(std::int64_t row);
    void drop(std::int64_t row);

    Core& core_;
    std::function<void(JobId)> generated_;
    std::map<std::int64_t, Watched> watched_;  // core.planner watches the same rows
};

}  // namespace genq::engine
