#include "server/store/sqlite/rows.hpp"
#include "server/store/sqlite/store_impl.hpp"

// The operations of JobStore's API side. None of these is a coroutine: each only forwards what the caller gave to the
// thread that does the work.
namespace genq::store {

template <class T>
using Async = JobStore::Async<T>;
using sqlite::Read;
using sqlite::Write;

Async<Accepted> SqliteJobStore::accept(NewJob job, std::optional<IdempotencyKey> key) {
    return impl_->write([job = std::move(job), key = std::move(key)](Write& w) { return sqlite::accept(w, job, key); });
}

Async<AcceptedBatch> SqliteJobStore::accept_batch(NewBatch batch, std::optional<IdempotencyKey> key) {
    return impl_->write(
        [batch = std::move(batch), key = std::move(key)](Write& w) { return sqlite::accept_batch(w, batch, key); });
}

Async<BatchStatus> SqliteJobStore::batch(BatchId id) {
    return impl_->look_up([id](Read& r) { return sqlite::batch(r.db, id); });
}

Async<std::optional<Job>> SqliteJobStore::reusable(std::string reuse_key) {
    return impl_->look_up([key = std::move(reuse_key)](Read& r) { return sqlite::find_original(r.db, key, 0, 0); });
}

Async<Job> SqliteJobStore::get(JobId id) {
    return impl_->look_up([id](Read& r) { return sqlite::load_job(r.db, id); });
}

Async<std::optional<Job>> SqliteJobStore::accepted_before(IdempotencyKey key) {
    return impl_->look_up([key = std::move(key)](Read& r) { return sqlite::find_key(r.db, key); });
}

Async<JobPage> SqliteJobStore::list(JobFilter filter, std::optional<std::int64_t> before, int limit) {
    return impl_->read(
        [filter = std::move(filter), before, limit](Read& r) { return sqlite::list(r.db, filter, before, limit); });
}

Async<std::vector<JobEvent>> SqliteJobStore::events(JobId id) {
    return impl_->read([id](Read& r) { return sqlite::events(r.db, id); });
}

Async<EventPage> SqliteJobStore::events_after(std::int64_t after, std::optional<JobId> job, int limit) {
    constexpr int longest_short = 100;
    auto work = [after, job, limit](Read& r) { return sqlite::events_after(r.db, after, job, limit); };
    return limit <= longest_short ? impl_->look_up(std::move(work)) : impl_->read(std::move(work));
}

Async<Placed> SqliteJobStore::get_placed(JobId id, std::string last_caller) {
    return impl_->look_up([id, last = std::move(last_caller)](Read& r) { return sqlite::get_placed(r, id, last); });
}

Async<std::vector<Delivery>> SqliteJobStore::deliveries(JobId id) {
    return impl_->read([id](Read& r) { return sqlite::deliveries(r.db, id); });
}

Async<void> SqliteJobStore::redeliver(JobId id, int n) {
    return impl_->write([id, n](Write& w) { return sqlite::redeliver(w, id, n); });
}

Async<Job> SqliteJobStore::cancel(JobId id) {
    return impl_->write([id](Write& w) { return sqlite::cancel(w, id); });
}

Async<Accepted> SqliteJobStore::retry(JobId id, RetryOptions options, std::optional<IdempotencyKey> key) {
    return impl_->write([id, options, key = std::move(key)](Write& w) { return sqlite::retry(w, id, options, key); });
}

Async<std::vector<Digest>> SqliteJobStore::erase(JobId id) {
    return impl_->write([id](Write& w) { return sqlite::erase(w, id); });
}

Async<std::vector<Job>> SqliteJobStore::ended(EndedFilter filter, std::int64_t after, int limit) {
    return impl_->read(
        [filter = std::move(filter), after, limit](Read& r) { return sqlite::ended(r.db, filter, after, limit); });
}

Async<bool> SqliteJobStore::lists_blob(Digest digest) {
    return impl_->look_up([digest = std::move(digest)](Read& r) { return sqlite::lists_blob(r.db, digest); });
}

Async<bool> SqliteJobStore::accept_file(NewFile file, std::optional<IdempotencyKey> key) {
    return impl_->write(
        [file = std::move(file), key = std::move(key)](Write& w) { return sqlite::accept_file(w, file, key); });
}

Async<bool> SqliteJobStore::owns_blob(std::string caller, Digest digest) {
    return impl_->look_up([caller = std::move(caller), digest = std::move(digest)](Read& r) {
        return sqlite::owns_blob(r.db, caller, digest);
    });
}

Async<QueueStats> SqliteJobStore::stats() {
    return impl_->look_up([](Read& r) { return sqlite::stats(r.db); });
}

Async<std::vector<UsageRow>> SqliteJobStore::usage(UsageQuery wanted) {
    return impl_->read([wanted = std::move(wanted)](Read& r) { return sqlite::usage(r.db, wanted); });
}

Async<std::vector<HistoryRow>> SqliteJobStore::history(HistoryQuery wanted) {
    return impl_->read([wanted](Read& r) { return sqlite::history(r.db, wanted); });
}

}  // namespace genq::store
