#pragma once
#include <map>
#include <string>

#include "server/blobs/blob_store.hpp"
#include "server/store/job_store.hpp"
#include "tests/sim/weather.hpp"
#include "tests/support/fake_clock.hpp"

namespace genq::sim {

/// The blob store of the simulation: what commit() has not synced is gone after a crash.
class Blobs final : public blobs::BlobStore {
  public:
    Blobs(test::FakeClock& clock, const Weather& weather) : clock_(clock), weather_(weather) {}

    [[nodiscard]] Result<std::unique_ptr<blobs::BlobWriter>> create() override;
    [[nodiscard]] boost::asio::awaitable<Result<blobs::OpenBlob>> open(Digest digest) override;
    [[nodiscard]] boost::asio::awaitable<Result<blobs::BlobInfo>> describe(Digest digest) override;
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> read(Digest digest, std::uint64_t offset,
                                                                   std::size_t bytes) override;
    [[nodiscard]] boost::asio::awaitable<Result<void>> remove(Digest digest) override;
    [[nodiscard]] Result<std::uint64_t> free_bytes() const override;

    std::map<Digest, std::string> synced;

  private:
    friend class SimWriter;
    test::FakeClock& clock_;
    const Weather& weather_;
};

/// The real store behind a disk that can be full: then every write is refused and changes nothing. Reads go on.
class FullDiskStore final : public store::JobStore {
  public:
    FullDiskStore(store::JobStore& store, const Weather& weather) : store_(store), weather_(weather) {}

    [[nodiscard]] Async<store::Accepted> accept(NewJob job, std::optional<store::IdempotencyKey> key) override;
    [[nodiscard]] Async<store::AcceptedBatch> accept_batch(store::NewBatch batch,
                                                           std::optional<store::IdempotencyKey> key) override;
    [[nodiscard]] Async<store::BatchStatus> batch(BatchId id) override;
    [[nodiscard]] Async<std::optional<Job>> reusable(std::string reuse_key) override;
    [[nodiscard]] Async<Job> get(JobId id) override;
    [[nodiscard]] Async<std::optional<Job>> accepted_before(store::IdempotencyKey key) override;
    [[nodiscard]] Async<store::JobPage> list(store::JobFilter filter, std::optional<std::int64_t> before,
                                             int limit) override;
    [[nodiscard]] Async<std::vector<JobEvent>> events(JobId id) override;
    [[nodiscard]] Async<store::EventPage> events_after(std::int64_t after, std::optional<JobId> job,
                                                       int limit) override;
    [[nodiscard]] Async<store::Placed> get_placed(JobId id, std::string last_caller) override;
    [[nodiscard]] Async<Job> cancel(JobId id) override;
    [[nodiscard]] Async<store::Accepted> retry(JobId id, store::RetryOptions options,
                                               std::optional<store::IdempotencyKey> key) override;
    [[nodiscard]] Async<std::vector<Digest>> erase(JobId id) override;
    [[nodiscard]] Async<bool> lists_blob(Digest digest) override;
    [[nodiscard]] Async<bool> accept_file(store::NewFile file, std::optional<store::IdempotencyKey> key) override;
    [[nodiscard]] Async<bool> owns_blob(std::string caller, Digest digest) override;
    [[nodiscard]] Async<store::UploadTurn> next_upload(std::string last_caller, std::set<std::int64_t> taken) override;
    [[nodiscard]] Async<std::optional<store::Upload>> find_upload(Digest digest, WallTime until) override;
    [[nodiscard]] Async<void> record_upload(store::Upload upload) override;
    [[nodiscard]] Async<void> record_input(JobId id, std::string sent_input, std::optional<WallTime> until) override;
    [[nodiscard]] Async<std::string> record_contents(JobId id, Contents contents) override;
    [[nodiscard]] Async<bool> take_result(JobId id, std::int64_t after) override;
    [[nodiscard]] Async<void> record_upload_retry(JobId id, WallTime at) override;
    [[nodiscard]] Async<void> record_stale_input(JobId id) override;
    [[nodiscard]] Async<store::QueueStats> stats() override;
    [[nodiscard]] Async<std::vector<store::UsageRow>> usage(store::UsageQuery wanted) override;
    [[nodiscard]] Async<std::vector<store::HistoryRow>> history(store::HistoryQuery wanted) override;
    [[nodiscard]] Async<std::vector<Job>> ended(store::EndedFilter filter, std::int64_t after, int limit) override;
    [[nodiscard]] Async<std::optional<Job>> next_ready(std::string last_caller, store::PassedOver passed_over) override;
    [[nodiscard]] Async<int> count_ready(std::set<std::string> held, int limit) override;
    [[nodiscard]] Async<std::optional<Job>> cheapest_ready(store::PassedOver passed_over) override;
    [[nodiscard]] Async<void> record_intent(store::Intent intent) override;
    [[nodiscard]] Async<void> record_not_created(store::Requeue requeue) override;
    [[nodiscard]] Async<void> record_submitted(store::Submitted submitted) override;
    [[nodiscard]] Async<void> record_unknown(JobId id, int attempt, WallTime settle_at) override;
    [[nodiscard]] Async<void> record_poll(store::Polled polled) override;
    [[nodiscard]] Async<void> record_generated(store::Generated generated) override;
    [[nodiscard]] Async<void> record_fresh_urls(JobId id, std::vector<Output> outputs) override;
    [[nodiscard]] Async<JobStatus> record_output(JobId id, Output output) override;
    [[nodiscard]] Async<std::vector<store::UnprobedOutput>> unprobed(int limit) override;
    [[nodiscard]] Async<void> record_media(store::UnprobedOutput output, MediaFacts facts) override;
    [[nodiscard]] Async<void> record_download_retry(JobId id, WallTime at, std::string detail) override;
    [[nodiscard]] Async<void> record_failure(store::Failure failure) override;
    [[nodiscard]] Async<void> record_new_generation(JobId id, std::optional<WallTime> not_before,
                                                    std::optional<double> credits, std::string detail) override;
    [[nodiscard]] Async<int> promote_waiting(int limit) override;
    [[nodiscard]] Async<std::vector<JobId>> expire_deadlines(int limit) override;
    [[nodiscard]] Async<std::optional<WallTime>> next_due() override;
    [[nodiscard]] Async<std::vector<Job>> with_step(Step step, int limit) override;
    [[nodiscard]] Async<std::vector<Job>> interrupted() override;
    [[nodiscard]] Async<store::Submission> submission(JobId id, std::string token_sha256) override;
    [[nodiscard]] Async<void> record_stray_task(JobId id, int attempt, std::string task_id) override;
    [[nodiscard]] Async<void> record_revived(store::Generated generated) override;
    [[nodiscard]] Async<std::vector<store::DueCall>> due_calls(WallTime now, int limit) override;
    [[nodiscard]] Async<void> record_call(store::DueCall made, std::optional<WallTime> next) override;
    [[nodiscard]] Async<store::FoundDeliveries> due_deliveries(store::DueDeliveries wanted) override;
    [[nodiscard]] Async<std::optional<store::DeliveryState>> record_delivery(store::DueDelivery made,
                                                                             store::DeliveryTry how,
                                                                             store::AfterTry after,
                                                                             std::optional<WallTime> next) override;
    [[nodiscard]] Async<std::vector<store::Delivery>> deliveries(JobId id) override;
    [[nodiscard]] Async<void> redeliver(JobId id, int n) override;
    [[nodiscard]] Async<std::optional<store::LateLook>> late_first() override;
    [[nodiscard]] Async<void> record_late_look(JobId id, std::optional<WallTime> next) override;
    [[nodiscard]] Async<std::vector<store::ModelDurations>> durations() override;
    [[nodiscard]] Async<double> record_balance(double balance) override;
    [[nodiscard]] Async<std::vector<JobId>> fail_unsent(std::int64_t last_row, int limit) override;
    [[nodiscard]] Async<std::vector<store::Hold>> holds() override;
    [[nodiscard]] Async<void> set_hold(store::Hold hold) override;
    [[nodiscard]] Async<void> clear_hold(QueueReason reason, std::string model) override;
    [[nodiscard]] Async<std::optional<std::string>> fact(std::string name) override;
    [[nodiscard]] Async<void> set_fact(std::string name, std::optional<std::string> value) override;

  private:
    store::JobStore& store_;
    const Weather& weather_;
};

}  // namespace genq::sim
