#pragma once
#include <boost/asio/awaitable.hpp>
#include <functional>

#include "server/engine/core.hpp"

namespace genq::engine {

/// Sends creates: the one place where money is spent (DESIGN.md, "Submission"). Runs on the engine strand.
class Submitter {
  public:
    /// `watch` takes over a job whose task is known: it is polled from then on.
    Submitter(Core& core, std::function<void(Job)> watch) : core_(core), watch_(std::move(watch)) {}

    /// Takes `job` (ready, its row in core.taken, a slot and a token of core.creates_limit held for it) through one
    /// create: connection, intent on disk, request, and what the answer proves. Gives slot and token back as it must.
    [[nodiscard]] boost::asio::awaitable<void> submit(Job job, SteadyTime ready_since);
    /// The wait for proof of a job's unknown create is over, or its process died: fails it as `submit_unknown`, or,
    /// where nothing is paid twice by it or the operator said so, queues it again.
    [[nodiscard]] boost::asio::awaitable<void> settle(Job job);
    /// Makes the task the job's: its create's answer named it, or (`by_callback`) a callback proved it. It is watched
    /// from then on, unless the job ended meanwhile; then its bill is settled.
    [[nodiscard]] boost::asio::awaitable<void> adopt(Job job, std::string task_id, std::string endpoint,
                                                     bool by_callback);
    /// When submitting jobs without an answer are to be settled: by row, earliest first.
    std::set<std::pair<SteadyTime, std::int64_t>> settling;

  private:
    [[nodiscard]] boost::asio::awaitable<void> apply(Job job, upstream::CreateOutcome outcome, std::string endpoint);
    [[nodiscard]] boost::asio::awaitable<void> requeue(Job job, bool counts,
                                                       std::optional<std::chrono::milliseconds> wait,
                                                       std::string detail, bool proven = true,
                                                       store::Lost lost = store::Lost::nothing);
    [[nodiscard]] boost::asio::awaitable<void> fail(Job job, JobError error, Billed billed);
    [[nodiscard]] boost::asio::awaitable<void> settle_late_answer(Job job, std::string task_id);
    [[nodiscard]] boost::asio::awaitable<void> unknown(Job job, upstream::CreateOutcome outcome);
    void slot_freed(const std::string& caller);
    /// Something began to hold all creates while this one waited for its connection.
    [[nodiscard]] bool held_meanwhile() const;

    Core& core_;
    std::function<void(Job)> watch_;
};

}  // namespace genq::engine
