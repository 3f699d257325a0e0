#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/random.hpp"
#include "server/store/job_store.hpp"

namespace genq::store {

/// How a commit is made durable (config/genqd.toml).
enum class Synchronous {
    full,    ///< the write-ahead log is synced with each commit: survives power loss
    normal,  ///< synced with checkpoints: survives the death of the process, not power loss
};

struct SqliteOptions {
    std::string path;  ///< of the database file; its folder exists
    Synchronous synchronous = Synchronous::full;
    std::size_t queue_limit = 4096;  ///< writes, and reads, that may wait; more is errc::busy
    std::size_t readers = 1;         ///< threads for reads that may take long; one more reads by key
    bool threaded = true;            ///< false: work is done on the caller's thread, for a simulation
    OnChange on_change{};            ///< on the writer's thread, before the writers are answered
    OnEnd on_end{};                  ///< likewise
    std::function<void(std::size_t writes)> on_commit{};  ///< on the writer's thread: how many writes shared a commit
    EventBody event_body{};                               ///< empty: webhooks are told nothing
    OwnTrace own_trace{};                                 ///< empty: who comes without a trace has none
};

/// The jobs in one SQLite file (DESIGN.md, "The store"). One thread writes and commits whatever has gathered while the
/// last commit was syncing; one reads by key and others what may
/// take longer, each on its own connection; one makes checkpoints. A caller that was
/// answered sees its write in its next read. Callers are answered on their own executors, which must outlive the store.
class SqliteJobStore final : public JobStore {
  public:
    /// Opens or makes the file, brings its schema up to date and starts the threads. Blocks: for the start of a
    /// program. errc::unsupported: the file is of a newer program; errc::corrupt: it is no database of ours.
    [[nodiscard]] static Result<std::unique_ptr<SqliteJobStore>> open(SqliteOptions options, Clock& clock,
                                                                      Random& random);
    /// Ends the writes that are queued, answers them, and closes the file.
    ~SqliteJobStore() override;
    SqliteJobStore(const SqliteJobStore&) = delete;
    SqliteJobStore& operator=(const SqliteJobStore&) = delete;

    /// Commits since open().
    [[nodiscard]] std::uint64_t commits() const;
    /// True once an operation has found the database damaged. Any thread.
    [[nodiscard]] bool damaged() const;

    [[nodiscard]] Async<Accepted> accept(NewJob job, std::optional<IdempotencyKey> key) override;
    [[nodiscard]] Async<AcceptedBatch> accept_batch(NewBatch batch, std::optional<IdempotencyKey> key) override;
    [[nodiscard]] Async<BatchStatus> batch(BatchId id) override;
    [[nodiscard]] Async<std::optional<Job>> reusable(std::string reuse_key) override;
    [[nodiscard]] Async<Job> get(JobId id) override;
    [[nodiscard]] Async<std::optional<Job>> accepted_before(IdempotencyKey key) override;
    [[nodiscard]] Async<JobPage> list(JobFilter filter, std::optional<std::int64_t> before, int limit) override;
    [[nodiscard]] Async<std::vector<JobEvent>> events(JobId id) override;
    [[nodiscard]] Async<EventPage> events_after(std::int64_t after, std::optional<JobId> job, int limit) override;
    [[nodiscard]] Async<Placed> get_placed(JobId id, std::string last_caller) override;
    [[nodiscard]] Async<Job> cancel(JobId id) override;
    [[nodiscard]] Async<Accepted> retry(JobId id, RetryOptions options, std::optional<IdempotencyKey> key) override;
    [[nodiscard]] Async<std::vector<Digest>> erase(JobId id) override;
    [[nodiscard]] Async<std::vector<Job>> ended(EndedFilter filter, std::int64_t after, int limit) override;
    [[nodiscard]] Async<bool> lists_blob(Digest digest) override;
    [[nodiscard]] Async<bool> accept_file(NewFile file, std::optional<IdempotencyKey> key) override;
    [[nodiscard]] Async<bool> owns_blob(std::string caller, Digest digest) override;
    [[nodiscard]] Async<UploadTurn> next_upload(std::string last_caller, std::set<std::int64_t> taken) override;
    [[nodiscard]] Async<std::optional<Upload>> find_upload(Digest digest, WallTime until) override;
    [[nodiscard]] Async<void> record_upload(Upload upload) override;
    [[nodiscard]] Async<void> record_input(JobId id, std::string sent_input, std::optional<WallTime> until) override;
    [[nodiscard]] Async<std::string> record_contents(JobId id, Contents contents) override;
    [[nodiscard]] Async<bool> take_result(JobId id, std::int64_t after) override;
    [[nodiscard]] Async<void> record_upload_retry(JobId id, WallTime at) override;
    [[nodiscard]] Async<void> record_stale_input(JobId id) override;
    [[nodiscard]] Async<QueueStats> stats() override;
    [[nodiscard]] Async<std::vector<UsageRow>> usage(UsageQuery wanted) override;
    [[nodiscard]] Async<std::vector<HistoryRow>> history(HistoryQuery wanted) override;

    [[nodiscard]] Async<std::optional<Job>> next_ready(std::string last_caller, PassedOver passed_over) override;
    [[nodiscard]] Async<int> count_ready(std::set<std::string> held, int limit) override;
    [[nodiscard]] Async<std::optional<Job>> cheapest_ready(PassedOver passed_over) override;
    [[nodiscard]] Async<void> record_intent(Intent intent) override;
    [[nodiscard]] Async<void> record_not_created(Requeue requeue) override;
    [[nodiscard]] Async<void> record_submitted(Submitted submitted) override;
    [[nodiscard]] Async<void> record_unknown(JobId id, int attempt, WallTime settle_at) override;
    [[nodiscard]] Async<void> record_poll(Polled polled) override;
    [[nodiscard]] Async<void> record_generated(Generated generated) override;
    [[nodiscard]] Async<void> record_fresh_urls(JobId id, std::vector<Output> outputs) override;
    [[nodiscard]] Async<JobStatus> record_output(JobId id, Output output) override;
    [[nodiscard]] Async<std::vector<UnprobedOutput>> unprobed(int limit) override;
    [[nodiscard]] Async<void> record_media(UnprobedOutput output, MediaFacts facts) override;
    [[nodiscard]] Async<void> record_download_retry(JobId id, WallTime at, std::string detail) override;
    [[nodiscard]] Async<void> record_failure(Failure failure) override;
    [[nodiscard]] Async<void> record_new_generation(JobId id, std::optional<WallTime> not_before,
                                                    std::optional<double> credits, std::string detail) override;
    [[nodiscard]] Async<int> promote_waiting(int limit) override;
    [[nodiscard]] Async<std::vector<JobId>> expire_deadlines(int limit) override;
    [[nodiscard]] Async<std::vector<JobId>> fail_unsent(std::int64_t last_row, int limit) override;
    [[nodiscard]] Async<std::optional<WallTime>> next_due() override;
    [[nodiscard]] Async<std::vector<Job>> with_step(Step step, int limit) override;
    [[nodiscard]] Async<std::vector<Job>> interrupted() override;
    [[nodiscard]] Async<Submission> submission(JobId id, std::string token_sha256) override;
    [[nodiscard]] Async<void> record_stray_task(JobId id, int attempt, std::string task_id) override;
    [[nodiscard]] Async<void> record_revived(Generated generated) override;
    [[nodiscard]] Async<std::vector<DueCall>> due_calls(WallTime now, int limit) override;
    [[nodiscard]] Async<void> record_call(DueCall made, std::optional<WallTime> next) override;
    [[nodiscard]] Async<FoundDeliveries> due_deliveries(DueDeliveries wanted) override;
    [[nodiscard]] Async<std::optional<DeliveryState>> record_delivery(DueDelivery made, DeliveryTry how, AfterTry after,
                                                                      std::optional<WallTime> next) override;
    [[nodiscard]] Async<std::vector<Delivery>> deliveries(JobId id) override;
    [[nodiscard]] Async<void> redeliver(JobId id, int n) override;
    [[nodiscard]] Async<std::optional<LateLook>> late_first() override;
    [[nodiscard]] Async<void> record_late_look(JobId id, std::optional<WallTime> next) override;
    [[nodiscard]] Async<std::vector<ModelDurations>> durations() override;
    [[nodiscard]] Async<double> record_balance(double balance) override;
    [[nodiscard]] Async<std::vector<Hold>> holds() override;
    [[nodiscard]] Async<void> set_hold(Hold hold) override;
    [[nodiscard]] Async<void> clear_hold(QueueReason reason, std::string model) override;
    [[nodiscard]] Async<std::optional<std::string>> fact(std::string name) override;
    [[nodiscard]] Async<void> set_fact(std::string name, std::optional<std::string> value) override;

  private:
    struct Impl;
    explicit SqliteJobStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace genq::store
