#pragma once
#include <boost/asio/awaitable.hpp>
#include <map>
#include <set>
#include <string>

#include "server/engine/callback_plan.hpp"
#include "server/engine/core.hpp"
#include "server/engine/poller.hpp"
#include "server/engine/reviver.hpp"
#include "server/engine/submitter.hpp"

namespace genq::engine {

/// Takes kie.ai's calls (DESIGN.md, "Callbacks"). A signed one is believed; any other is a hint, and costs one query a
/// job in ten seconds at most. Engine strand.
class Callbacks {
  public:
    Callbacks(Core& core, Submitter& submitter, Poller& poller, Reviver& reviver)
        : core_(core), submitter_(submitter), poller_(poller), reviver_(reviver) {}

    /// Acts on a call; what takes a query goes on behind its back. Errors are the store's: the call may be repeated.
    [[nodiscard]] boost::asio::awaitable<Result<CallbackVerdict>> receive(CallbackCall call);
    /// A job's task is watched from now on: what a call has said of it already is told.
    void watched(const Job& job);

  private:
    /// What a call told of a task while its id was still being stored.
    struct Early {
        std::string task_id;
        upstream::TaskReport report;
    };

    [[nodiscard]] boost::asio::awaitable<void> act(CallbackAction action, store::Submission submission,
                                                   std::string task_id, std::string path, upstream::TaskReport report);
    [[nodiscard]] boost::asio::awaitable<void> adopt(Job job, std::string task_id, upstream::TaskReport report);
    [[nodiscard]] boost::asio::awaitable<void> conclude(JobId id, std::string task_id, upstream::TaskReport report);
    [[nodiscard]] boost::asio::awaitable<void> note_stray(store::Submission submission, std::string task_id);
    void ask_soon(const Job& job, std::string task_id, std::string path);
    [[nodiscard]] boost::asio::awaitable<void> ask(JobId id, std::string task_id, std::string path, SteadyTime when);

    Core& core_;
    Submitter& submitter_;
    Poller& poller_;
    Reviver& reviver_;
    std::map<std::int64_t, Early> early_;
    std::map<std::int64_t, SteadyTime> asked_;  // by job: the last query that a hint caused, ten seconds long
};

}  // namespace genq::engine
