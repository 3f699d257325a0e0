#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/core/random.hpp"
#include "tests/e2e/folder_watch.hpp"
#include "tests/e2e/http_user.hpp"
#include "tests/e2e/process.hpp"

namespace genq::test {

/// A daemon with many lives on one state folder, and the stand-in for kie.ai that outlives them all.
class KillRig {
  public:
    /// Of the daemon's limit, in a window of a second.
    static constexpr int requests_per_second = 20;

    /// One life of the daemon, while it answers.
    struct Life {
        int number = 0;
        std::string url;
    };

    KillRig();
    ~KillRig();

    /// Starts the daemon and leaves it alone; false if it does not answer.
    [[nodiscard]] bool start_for_good();
    /// Starts the daemon and ends it by SIGKILL at a moment drawn from `random`: after a while, be it ready or not, or
    /// just after it did something. False if it ended in another way.
    [[nodiscard]] bool start_and_kill(Random& random);
    /// Starts the daemon on a state folder of that name, so that it dies when it has made a file durable for the n-th
    /// time, or (`later`) just before it then writes to the database's log; `work` is done once it answers. False if it
    /// did not die, not even while it was stopped.
    [[nodiscard]] bool start_and_die_at_sync(const std::string& state, int n, bool later,
                                             const std::function<void(const Life&)>& work);
    /// Submits the job with this prompt until the daemon says that it has it, whatever number of lives that takes.
    /// Returns its id; nullopt with a failure noted. On any thread.
    [[nodiscard]] std::optional<std::string> submit(const std::string& prompt);
    /// Submits it to this life: its id; nullopt if it did not answer, or, with a failure noted, refused.
    [[nodiscard]] std::optional<std::string> send(const std::string& prompt, const Life& life);

    /// What the daemon, or the stand-in, answers to a GET; null with a failure noted if it is not a 200.
    [[nodiscard]] boost::json::value ask_daemon(const std::string& target);
    [[nodiscard]] boost::json::value ask_sandbox(const std::string& target);
    [[nodiscard]] std::string bytes_of(const std::string& target);
    /// The job once it is terminal; empty, with a failure noted, if it does not end.
    [[nodiscard]] boost::json::object end_of(const std::string& id);
    /// Until the job has ended, or this life has.
    void wait_once(const std::string& id, const Life& life);
    /// Ends the life that is there.
    void end_life();
    /// Expects that each listed output's bytes hash to its name.
    void check_outputs(const boost::json::object& job);
    /// Stops both in order; false if one does not end well.
    [[nodiscard]] bool stop();

  private:
    void start(const std::map<std::string, std::string>& more = {});
    [[nodiscard]] bool publish_if_ready();
    [[nodiscard]] int count_of(const std::string& words) const;
    /// The first life after the one numbered `past` that answers; nullopt if there is none for long.
    [[nodiscard]] std::optional<Life> life_after(int past);

    TempFolder folder_;
    FolderWatch watch_;
    HttpUser http_;
    std::unique_ptr<Process> sandbox_;
    std::string sandbox_url_;
    std::unique_ptr<Process> daemon_;
    std::string state_ = "state";

    std::mutex mutex_;
    std::condition_variable born_;
    Life life_;
};

}  // namespace genq::test
