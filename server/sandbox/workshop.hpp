#pragma once
#include <deque>
#include <string>
#include <utility>

#include "common/core/random.hpp"
#include "server/sandbox/call.hpp"
#include "server/sandbox/ledger.hpp"
#include "server/sandbox/options.hpp"
#include "server/sandbox/uploads.hpp"

namespace genq::sandbox {

/// What a family says of a task it wants made.
struct NewTask {
    std::string family;
    std::string model;
    std::string operation = "generate";
    std::string prompt{};
    std::vector<MediaKind> files{};
    std::pair<double, double> seconds{5, 10};  ///< the range that the duration is drawn from
    double price = 0;                          ///< credits
    std::string id_prefix{};
    std::string parent{};
    std::string create_failure{};  ///< not "": the task fails at once, code 500, with this message
};

/// What all families share: tasks, credits, signed URLs, uploads, faults. One thread at a time.
class Workshop {
  public:
    /// `random` makes ids and the key that signs URLs; durations come from the seed in the options.
    Workshop(Options options, Random& random, LedgerBook& ledger);

    /// Makes a task and takes its price; 402 when the balance is too low.
    [[nodiscard]] Answer<Task*> start(NewTask wanted, Call& call);
    /// The task that `taskId` in the query or body names, if it is of one of these operations' family; 422 when the id
    /// is missing, 404 when there is no such task.
    [[nodiscard]] Answer<Task*> asked(const Call& call, std::string_view family);
    [[nodiscard]] Task* find(std::string_view id) { return tasks_.find(id); }

    /// A signed URL of the task's file, good for `media_ttl` from now.
    [[nodiscard]] std::string file_url(const Task& task, std::size_t index, const Call& call) const;
    /// The URLs of files `first` to `first + count - 1`; none when the task is to end without a result.
    [[nodiscard]] boost::json::array file_urls(const Task& task, std::size_t first, std::size_t count,
                                               const Call& call) const;
    [[nodiscard]] std::string signature(std::string_view path, std::int64_t expires_ms) const;
    /// Milliseconds of real time that `seconds` of kie.ai's time take here.
    [[nodiscard]] std::chrono::milliseconds scaled(double seconds) const;
    [[nodiscard]] double balance(SteadyTime now);

    [[nodiscard]] const Options& options() const { return options_; }
    [[nodiscard]] FaultBook& faults() { return faults_; }
    [[nodiscard]] UploadStore& uploads() { return uploads_; }
    [[nodiscard]] Random& random() { return random_; }

  private:
    void apply_faults(Task& task, const Call& call);
    void apply_words(Task& task);

    Options options_;
    Random& random_;
    SeededRandom dice_;
    LedgerBook& ledger_;
    TaskTable tasks_;
    FaultBook faults_;
    UploadStore uploads_;
    std::string url_key_;
    double credits_;
    std::vector<std::pair<SteadyTime, double>> refunds_;  // failed tasks are not charged
};

/// The task's create body as JSON text: `param`, `paramJson`.
[[nodiscard]] std::string body_text(const Task& task);
/// The number or null that goes into `errorCode`.
[[nodiscard]] boost::json::value error_code_of(const Task& task, Phase phase);

}  // namespace genq::sandbox
