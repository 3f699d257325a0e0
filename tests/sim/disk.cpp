#include "tests/sim/disk.hpp"

#include "common/crypto/sha256.hpp"
#include "common/http/media_type.hpp"

namespace genq::sim {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto sync_takes = 8ms;

std::unexpected<Error> no_space() {
    return fail(errc::storage_full, "the simulated disk is full");
}

}  // namespace

class SimWriter final : public blobs::BlobWriter {
  public:
    explicit SimWriter(Blobs& blobs) : blobs_(blobs) {}

    asio::awaitable<Result<void>> write(std::span<const std::byte> bytes) override {
        if (blobs_.weather_.on(Spell::full_disk)) co_return no_space();
        bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        co_return Result<void>{};
    }
    std::uint64_t size() const override { return bytes_.size(); }
    Result<void> restart() override {
        bytes_.clear();
        return {};
    }
    asio::awaitable<Result<blobs::BlobInfo>> commit() override {
        blobs::BlobInfo info;
        info.digest = *Digest::parse(crypto::sha256_hex(bytes_));
        info.bytes = bytes_.size();
        info.media_type = std::string(http::sniff_media_type(bytes_));
        if (blobs_.weather_.on(Spell::full_disk)) co_return no_space();
        co_await blobs_.clock_.sleep_until(blobs_.clock_.now() + sync_takes);
        blobs_.synced[info.digest] = bytes_;
        co_return info;
    }

  private:
    Blobs& blobs_;
    std::string bytes_;
};

Result<std::unique_ptr<blobs::BlobWriter>> Blobs::create() {
    return std::make_unique<SimWriter>(*this);
}

asio::awaitable<Result<blobs::OpenBlob>> Blobs::open(Digest digest) {
    co_return fail(synced.contains(digest) ? errc::unsupported : errc::not_found, "simulated blobs have no file");
}

asio::awaitable<Result<blobs::BlobInfo>> Blobs::describe(Digest digest) {
    const auto found = synced.find(digest);
    if (found == synced.end()) co_return fail(errc::not_found, "no such blob");
    co_return blobs::BlobInfo{digest, found->second.size(), std::string(http::sniff_media_type(found->second))};
}

asio::awaitable<Result<std::string>> Blobs::read(Digest digest, std::uint64_t offset, std::size_t bytes) {
    const auto found = synced.find(digest);
    if (found == synced.end()) co_return fail(errc::not_found, "no such blob");
    co_return found->second.substr(static_cast<std::size_t>(offset), bytes);
}

asio::awaitable<Result<void>> Blobs::remove(Digest digest) {
    if (synced.erase(digest) == 0) co_return fail(errc::not_found, "no such blob");
    co_return Result<void>{};
}

Result<std::uint64_t> Blobs::free_bytes() const {
    if (weather_.on(Spell::full_disk)) return 0;
    return weather_.on(Spell::low_disk) ? 1ULL << 20U : 1ULL << 40U;
}

namespace {

template <class T>
using Async = store::JobStore::Async<T>;

/// An operation that is never begun while the disk is full.
template <class T>
Async<T> unless_full(const Weather& weather, Async<T> operation) {
    if (weather.on(Spell::full_disk)) co_return no_space();
    co_return co_await std::move(operation);
}

}  // namespace

Async<store::Accepted> FullDiskStore::accept(NewJob job, std::optional<store::IdempotencyKey> key) {
    return unless_full(weather_, store_.accept(std::move(job), std::move(key)));
}

Async<store::AcceptedBatch> FullDiskStore::accept_batch(store::NewBatch batch,
                                                        std::optional<store::IdempotencyKey> key) {
    return unless_full(weather_, store_.accept_batch(std::move(batch), std::move(key)));
}

Async<store::BatchStatus> FullDiskStore::batch(BatchId id) {
    return store_.batch(id);
}

Async<std::optional<Job>> FullDiskStore::reusable(std::string reuse_key) {
    return store_.reusable(std::move(reuse_key));
}

Async<Job> FullDiskStore::get(JobId id) {
    return store_.get(id);
}

Async<store::JobPage> FullDiskStore::list(store::JobFilter filter, std::optional<std::int64_t> before, int limit) {
    return store_.list(std::move(filter), before, limit);
}

Async<std::vector<JobEvent>> FullDiskStore::events(JobId id) {
    return store_.events(id);
}

Async<store::EventPage> FullDiskStore::events_after(std::int64_t after, std::optional<JobId> job, int limit) {
    return store_.events_after(after, job, limit);
}

Async<store::Placed> FullDiskStore::get_placed(JobId id, std::string last_caller) {
    return store_.get_placed(id, std::move(last_caller));
}

Async<Job> FullDiskStore::cancel(JobId id) {
    return unless_full(weather_, store_.cancel(id));
}

Async<store::Accepted> FullDiskStore::retry(JobId id, store::RetryOptions options,
                                            std::optional<store::IdempotencyKey> key) {
    return unless_full(weather_, store_.retry(id, options, std::move(key)));
}

Async<std::vector<Digest>> FullDiskStore::erase(JobId id) {
    return unless_full(weather_, store_.erase(id));
}

Async<bool> FullDiskStore::lists_blob(Digest digest) {
    return store_.lists_blob(std::move(digest));
}

Async<bool> FullDiskStore::accept_file(store::NewFile file, std::optional<store::IdempotencyKey> key) {
    return unless_full(weather_, store_.accept_file(std::move(file), std::move(key)));
}

Async<bool> FullDiskStore::owns_blob(std::string caller, Digest digest) {
    return store_.owns_blob(std::move(caller), std::move(digest));
}

Async<store::UploadTurn> FullDiskStore::next_upload(std::string last_caller, std::set<std::int64_t> taken) {
    return store_.next_upload(std::move(last_caller), std::move(taken));
}

Async<std::optional<store::Upload>> FullDiskStore::find_upload(Digest digest, WallTime until) {
    return store_.find_upload(std::move(digest), until);
}

Async<void> FullDiskStore::record_upload(store::Upload upload) {
    return unless_full(weather_, store_.record_upload(std::move(upload)));
}

Async<void> FullDiskStore::record_input(JobId id, std::string sent_input, std::optional<WallTime> until) {
    return unless_full(weather_, store_.record_input(id, std::move(sent_input), until));
}

Async<std::string> FullDiskStore::record_contents(JobId id, Contents contents) {
    return unless_full(weather_, store_.record_contents(id, std::move(contents)));
}

Async<bool> FullDiskStore::take_result(JobId id, std::int64_t after) {
    return unless_full(weather_, store_.take_result(id, after));
}

Async<void> FullDiskStore::record_upload_retry(JobId id, WallTime at) {
    return unless_full(weather_, store_.record_upload_retry(id, at));
}

Async<void> FullDiskStore::record_stale_input(JobId id) {
    return unless_full(weather_, store_.record_stale_input(id));
}

Async<store::QueueStats> FullDiskStore::stats() {
    return store_.stats();
}

Async<std::vector<store::UsageRow>> FullDiskStore::usage(store::UsageQuery wanted) {
    return store_.usage(std::move(wanted));
}

Async<std::vector<store::HistoryRow>> FullDiskStore::history(store::HistoryQuery wanted) {
    return store_.history(wanted);
}

Async<std::vector<Job>> FullDiskStore::ended(store::EndedFilter filter, std::int64_t after, int limit) {
    return store_.ended(std::move(filter), after, limit);
}

Async<std::optional<Job>> FullDiskStore::next_ready(std::string last_caller, store::PassedOver passed_over) {
    return store_.next_ready(std::move(last_caller), std::move(passed_over));
}

Async<int> FullDiskStore::count_ready(std::set<std::string> held, int limit) {
    return store_.count_ready(std::move(held), limit);
}

Async<std::optional<Job>> FullDiskStore::cheapest_ready(store::PassedOver passed_over) {
    return store_.cheapest_ready(std::move(passed_over));
}

Async<void> FullDiskStore::record_intent(store::Intent intent) {
    return unless_full(weather_, store_.record_intent(std::move(intent)));
}

Async<void> FullDiskStore::record_not_created(store::Requeue requeue) {
    return unless_full(weather_, store_.record_not_created(std::move(requeue)));
}

Async<void> FullDiskStore::record_submitted(store::Submitted submitted) {
    return unless_full(weather_, store_.record_submitted(std::move(submitted)));
}

Async<void> FullDiskStore::record_unknown(JobId id, int attempt, WallTime settle_at) {
    return unless_full(weather_, store_.record_unknown(id, attempt, settle_at));
}

Async<void> FullDiskStore::record_poll(store::Polled polled) {
    return unless_full(weather_, store_.record_poll(std::move(polled)));
}

Async<void> FullDiskStore::record_generated(store::Generated generated) {
    return unless_full(weather_, store_.record_generated(std::move(generated)));
}

Async<void> FullDiskStore::record_fresh_urls(JobId id, std::vector<Output> outputs) {
    return unless_full(weather_, store_.record_fresh_urls(id, std::move(outputs)));
}

Async<JobStatus> FullDiskStore::record_output(JobId id, Output output) {
    return unless_full(weather_, store_.record_output(id, std::move(output)));
}

Async<std::vector<store::UnprobedOutput>> FullDiskStore::unprobed(int limit) {
    return store_.unprobed(limit);
}

Async<void> FullDiskStore::record_media(store::UnprobedOutput output, MediaFacts facts) {
    return unless_full(weather_, store_.record_media(std::move(output), std::move(facts)));
}

Async<void> FullDiskStore::record_download_retry(JobId id, WallTime at, std::string detail) {
    return unless_full(weather_, store_.record_download_retry(id, at, std::move(detail)));
}

Async<void> FullDiskStore::record_failure(store::Failure failure) {
    return unless_full(weather_, store_.record_failure(std::move(failure)));
}

Async<void> FullDiskStore::record_new_generation(JobId id, std::optional<WallTime> not_before,
                                                 std::optional<double> credits, std::string detail) {
    return unless_full(weather_, store_.record_new_generation(id, not_before, credits, detail));
}

Async<int> FullDiskStore::promote_waiting(int limit) {
    return unless_full(weather_, store_.promote_waiting(limit));
}

Async<std::vector<JobId>> FullDiskStore::expire_deadlines(int limit) {
    return unless_full(weather_, store_.expire_deadlines(limit));
}

Async<std::optional<WallTime>> FullDiskStore::next_due() {
    return store_.next_due();
}

Async<std::vector<Job>> FullDiskStore::with_step(Step step, int limit) {
    return store_.with_step(step, limit);
}

Async<std::vector<Job>> FullDiskStore::interrupted() {
    return store_.interrupted();
}

Async<store::Submission> FullDiskStore::submission(JobId id, std::string token_sha256) {
    return store_.submission(id, std::move(token_sha256));
}

Async<void> FullDiskStore::record_stray_task(JobId id, int attempt, std::string task_id) {
    return unless_full(weather_, store_.record_stray_task(id, attempt, std::move(task_id)));
}

Async<void> FullDiskStore::record_revived(store::Generated generated) {
    return unless_full(weather_, store_.record_revived(std::move(generated)));
}

Async<std::optional<Job>> FullDiskStore::accepted_before(store::IdempotencyKey key) {
    return store_.accepted_before(std::move(key));
}

Async<std::vector<store::DueCall>> FullDiskStore::due_calls(WallTime now, int limit) {
    return store_.due_calls(now, limit);
}

Async<void> FullDiskStore::record_call(store::DueCall made, std::optional<WallTime> next) {
    return unless_full(weather_, store_.record_call(std::move(made), next));
}

Async<store::FoundDeliveries> FullDiskStore::due_deliveries(store::DueDeliveries wanted) {
    return store_.due_deliveries(std::move(wanted));
}

Async<std::optional<store::DeliveryState>> FullDiskStore::record_delivery(store::DueDelivery made,
                                                                          store::DeliveryTry how, store::AfterTry after,
                                                                          std::optional<WallTime> next) {
    return unless_full(weather_, store_.record_delivery(std::move(made), std::move(how), after, next));
}

Async<std::vector<store::Delivery>> FullDiskStore::deliveries(JobId id) {
    return store_.deliveries(id);
}

Async<void> FullDiskStore::redeliver(JobId id, int n) {
    return unless_full(weather_, store_.redeliver(id, n));
}

Async<std::optional<store::LateLook>> FullDiskStore::late_first() {
    return store_.late_first();
}

Async<void> FullDiskStore::record_late_look(JobId id, std::optional<WallTime> next) {
    return unless_full(weather_, store_.record_late_look(id, next));
}

Async<std::vector<store::ModelDurations>> FullDiskStore::durations() {
    return store_.durations();
}

Async<double> FullDiskStore::record_balance(double balance) {
    return unless_full(weather_, store_.record_balance(balance));
}

Async<std::vector<JobId>> FullDiskStore::fail_unsent(std::int64_t last_row, int limit) {
    return unless_full(weather_, store_.fail_unsent(last_row, limit));
}

Async<std::vector<store::Hold>> FullDiskStore::holds() {
    return store_.holds();
}

Async<void> FullDiskStore::set_hold(store::Hold hold) {
    return unless_full(weather_, store_.set_hold(std::move(hold)));
}

Async<void> FullDiskStore::clear_hold(QueueReason reason, std::string model) {
    return unless_full(weather_, store_.clear_hold(reason, std::move(model)));
}

Async<std::optional<std::string>> FullDiskStore::fact(std::string name) {
    return store_.fact(std::move(name));
}

Async<void> FullDiskStore::set_fact(std::string name, std::optional<std::string> value) {
    return unless_full(weather_, store_.set_fact(std::move(name), std::move(value)));
}

}  // namespace genq::sim
