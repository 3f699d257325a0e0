#pragma once
#include <boost/json/value.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/cli/client_command.hpp"

namespace genq::cli {

/// One line on a terminal that is written over and over; nothing at all where stderr is no terminal.
class ProgressLine {
  public:
    explicit ProgressLine(bool enabled) : enabled_(enabled) {}
    /// On if stderr is a terminal.
    [[nodiscard]] static ProgressLine on_stderr();
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const std::string& text);
    void clear();
    [[nodiscard]] bool enabled() const { return enabled_; }

  private:
    bool enabled_;
    bool shown_ = false;
};

/// What a terminal shows while a job is waited for, of the job as it is.
using Describe = std::function<std::string(const boost::json::value& job)>;

/// Waits until the job is finished, showing how it goes; returns it, or the exit code: exit_gave_up, of which nothing
/// is said, when `timeout_s` passed first. A daemon that does not answer is tried for half a minute, since it may be
/// restarting.
[[nodiscard]] Answer wait_for_job(Client& client, const std::string& id, std::optional<std::int64_t> timeout_s,
                                  const Describe& describe = nullptr);

/// Several jobs that are waited for together.
struct Waiting {
    std::optional<std::int64_t> timeout_s{};  ///< for all of them
    std::string folder{};                     ///< for outputs; "" for none
    bool json = false;
    Describe describe = nullptr;
};
struct Waited {
    int code = 0;                           ///< exit_gave_up, else the first that is not exit_success
    std::vector<std::string> unfinished{};  ///< when the time was over
};
/// Says of each job how it ended (`finish`). The others are waited for all the same when one is refused or fails, and
/// those that are done are still fetched when the time is over; a daemon that is not there ends it.
[[nodiscard]] Waited wait_for_all(Client& client, const std::vector<std::string>& ids, const Waiting& waiting);

/// Makes the folder for outputs if it is missing and tries whether files can be made in it, before something is paid
/// for that has no place. False after saying why not; true for "".
[[nodiscard]] bool prepare_folder(const std::string& folder);

/// Fetches the outputs of a succeeded job into `folder` (made if missing), each under the name that the job gives it,
/// and checks them against their SHA-256. A file that is there with the right bytes is left. Returns the paths, or the
/// exit code after saying what went wrong.
[[nodiscard]] std::expected<std::vector<std::string>, int> fetch_outputs(Client& client, const boost::json::value& job,
                                                                         const std::string& folder);

/// What is said of a finished job and with which exit code: its files, or why it failed (on stderr). With `folder` not
/// empty the outputs are fetched first; as JSON each then has its `path`.
[[nodiscard]] int finish(Client& client, const boost::json::value& job, const std::string& folder, bool json);

}  // namespace genq::cli
