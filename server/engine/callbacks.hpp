#pragma once
#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
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

    /// What the last hint of a job named, and the query that it causes.
    struct Asked {
        std::string task_id;
        std::string path;
        std::optional<SteadyTime> last;  ///< query
        bool is_open = false;            ///< ask() runs
        bool is_wanted = false;          ///< a query is to come
    };

    [[nodiscard]] boost::asio::awaitable<void> act(CallbackAction action, store::Submission submission,
                                                   std::string task_id, std::string path, upstream::TaskReport report);
    [[nodiscard]] boost::asio::awaitable<void> adopt(Job job, std::string task_id, upstream::TaskReport report);
    [[nodiscard]] boost::asio::awaitable<void> conclude(JobId id, std::string task_id, upstream::TaskReport report);
    [[nodiscard]] boost::asio::awaitable<void> note_stray(store::Submission submission, std::string task_id);
    void ask_soon(const Job& job, std::string task_id, std::string path);
    /// Asks for what the job's hints name, ten seconds apart at least, until an answer can be read; for an hour.
    [[nodiscard]] boost::asio::awaitable<void> ask(Job job);
    /// True when nothing is left to ask: an answer was read and acted on, or the job needs none.
    [[nodiscard]] boost::asio::awaitable<bool> ask_once(JobId id, std::string task_id, std::string path);

    Core& core_;
    Submitter& submitter_;
    Poller& poller_;
    Reviver& reviver_;
    std::map<std::int64_t, Early> early_;
    std::map<std::int64_t, Asked> asked_;  // by job: ten seconds long after the last query
};

}  // namespace genq::engine
