#include "server/store/sqlite/sqlite_job_store.hpp"

#include <algorithm>
#include <atomic>
#include <span>
#include <utility>

#include "common/sql/migrator.hpp"
#include "server/store/sqlite/checkpointer.hpp"
#include "server/store/sqlite/commit_gate.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/readers.hpp"
#include "server/store/sqlite/rows.hpp"
#include "server/store/sqlite/writer.hpp"

namespace genq::store {

namespace sqlite {

/// The files of migrations/sqlite, compiled in.
std::span<const sql::Migration> migrations();

namespace {

constexpr char newest_row[] = "SELECT coalesce(max(row), 0) FROM jobs";

std::int64_t read_newest_row(sql::Connection& db) {
    auto query = db.query(newest_row);
    return query.step() ? query.integer(0) : 0;
}

Result<std::vector<std::unique_ptr<sql::Connection>>> open_readers(sql::OpenOptions file, std::size_t count) {
    file.access = sql::Access::read_only;
    std::vector<std::unique_ptr<sql::Connection>> connections;
    while (connections.size() < count) {
        auto connection = sql::Connection::open(file);
        if (!connection) return std::unexpected(std::move(connection.error()));
        connections.push_back(std::move(*connection));
    }
    return connections;
}

}  // namespace
}  // namespace sqlite

struct SqliteJobStore::Impl {
    Impl(Clock& clock, Random& random, std::int64_t after) : ulids(clock, random, after) {}
    ~Impl() {
        // The checkpointer calls the readers, and closes its connection last: only one that may write can clear the
        // log.
        writer.reset();
        if (checkpointer) checkpointer->stop();
        by_key.reset();
        readers.reset();
    }

    UlidSource ulids;
    std::atomic<std::uint64_t> commits{0};
    sqlite::CommitGate gate;
    std::unique_ptr<sqlite::Checkpointer> checkpointer;
    std::unique_ptr<sqlite::Readers> by_key;   // short reads, which so never wait behind a long one
    std::unique_ptr<sqlite::Readers> readers;  // the others
    std::unique_ptr<sqlite::Writer> writer;

    template <class Work>
    auto write(Work work) {
        return sqlite::run_on<sqlite::Write>(*writer, std::move(work));
    }
    template <class Work>
    auto look_up(Work work) {
        return sqlite::run_on<sqlite::Read>(*by_key, std::move(work));
    }
    template <class Work>
    auto read(Work work) {
        return sqlite::run_on<sqlite::Read>(*readers, std::move(work));
    }
};

SqliteJobStore::SqliteJobStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SqliteJobStore::~SqliteJobStore() = default;

Result<std::unique_ptr<SqliteJobStore>> SqliteJobStore::open(SqliteOptions options, Clock& clock, Random& random) {
    sql::OpenOptions file{
        .path = options.path,
        .synchronous = options.synchronous == Synchronous::full ? sql::Synchronous::full : sql::Synchronous::normal};
    auto writer_db = sql::Connection::open(file);
    if (!writer_db) return std::unexpected(writer_db.error());
    if (auto done = sql::migrate(**writer_db, sqlite::migrations(), clock.wall_now()); !done) {
        return std::unexpected(done.error());
    }
    const auto after = sqlite::read_newest_row(**writer_db);
    if (auto error = (*writer_db)->take_error()) return std::unexpected(std::move(*error));

    auto impl = std::make_unique<Impl>(clock, random, after);
    auto by_key = sqlite::open_readers(file, 1);
    if (!by_key) return std::unexpected(by_key.error());
    auto readers = sqlite::open_readers(file, std::max<std::size_t>(options.readers, 1));
    if (!readers) return std::unexpected(readers.error());
    auto checkpoint_db = sql::Connection::open(file);
    if (!checkpoint_db) return std::unexpected(checkpoint_db.error());

    impl->by_key =
        std::make_unique<sqlite::Readers>(std::move(*by_key), impl->commits, options.queue_limit, options.threaded);
    impl->readers =
        std::make_unique<sqlite::Readers>(std::move(*readers), impl->commits, options.queue_limit, options.threaded);
    impl->checkpointer = std::make_unique<sqlite::Checkpointer>(std::move(*checkpoint_db), impl->gate, [&all = *impl] {
        all.by_key->let_go();
        all.readers->let_go();
    });
    (*writer_db)->on_wal_grown([checkpointer = impl->checkpointer.get()](int pages) { checkpointer->log_grew(pages); });
    impl->writer = std::make_unique<sqlite::Writer>(
        std::move(*writer_db), clock, impl->ulids, impl->commits, impl->gate,
        sqlite::Writer::Options{options.queue_limit, options.threaded, std::move(options.on_change),
                                std::move(options.on_commit)});
    return std::unique_ptr<SqliteJobStore>(new SqliteJobStore(std::move(impl)));
}

std::uint64_t SqliteJobStore::commits() const {
    return impl_->commits.load(std::memory_order_relaxed);
}

template <class T>
using Async = JobStore::Async<T>;
using sqlite::Read;
using sqlite::Write;

// None of these is a coroutine: each only forwards what the caller gave to the thread that does the work.

Async<Accepted> SqliteJobStore::accept(NewJob job, std::optional<IdempotencyKey> key) {
    return impl_->write([job = std::move(job), key = std::move(key)](Write& w) { return sqlite::accept(w, job, key); });
}

Async<Job> SqliteJobStore::get(JobId id) {
    return impl_->look_up([id](Read& r) { return sqlite::load_job(r.db, id); });
}

Async<JobPage> SqliteJobStore::list(JobFilter filter, std::optional<std::int64_t> before, int limit) {
    return impl_->read(
        [filter = std::move(filter), before, limit](Read& r) { return sqlite::list(r.db, filter, before, limit); });
}

Async<std::vector<JobEvent>> SqliteJobStore::events(JobId id) {
    return impl_->read([id](Read& r) { return sqlite::events(r.db, id); });
}

Async<Placed> SqliteJobStore::get_placed(JobId id, std::string last_caller) {
    return impl_->look_up([id, last = std::move(last_caller)](Read& r) { return sqlite::get_placed(r, id, last); });
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

Async<QueueStats> SqliteJobStore::stats() {
    return impl_->look_up([](Read& r) { return sqlite::stats(r.db); });
}

Async<std::optional<Job>> SqliteJobStore::next_ready(std::string last_caller, PassedOver passed_over) {
    return impl_->read([last = std::move(last_caller), passed_over = std::move(passed_over)](Read& r) {
        return sqlite::next_ready(r, last, passed_over);
    });
}

Async<int> SqliteJobStore::count_ready(std::set<std::string> held, int limit) {
    return impl_->look_up([held = std::move(held), limit](Read& r) { return sqlite::count_ready(r.db, held, limit); });
}

Async<std::optional<Job>> SqliteJobStore::oldest_ready(PassedOver passed_over) {
    return impl_->read(
        [passed_over = std::move(passed_over)](Read& r) { return sqlite::oldest_ready(r, passed_over); });
}

Async<void> SqliteJobStore::record_intent(Intent intent) {
    return impl_->write([intent](Write& w) { return sqlite::record_intent(w, intent); });
}

Async<void> SqliteJobStore::record_not_created(Requeue requeue) {
    return impl_->write([requeue = std::move(requeue)](Write& w) { return sqlite::record_not_created(w, requeue); });
}

Async<void> SqliteJobStore::record_submitted(Submitted submitted) {
    return impl_->write(
        [submitted = std::move(submitted)](Write& w) { return sqlite::record_submitted(w, submitted); });
}

Async<void> SqliteJobStore::record_unknown(JobId id, int attempt, WallTime settle_at) {
    return impl_->write(
        [id, attempt, settle_at](Write& w) { return sqlite::record_unknown(w, id, attempt, settle_at); });
}

Async<void> SqliteJobStore::record_poll(Polled polled) {
    return impl_->write([polled = std::move(polled)](Write& w) { return sqlite::record_poll(w, polled); });
}

Async<void> SqliteJobStore::record_generated(Generated generated) {
    return impl_->write(
        [generated = std::move(generated)](Write& w) { return sqlite::record_generated(w, generated); });
}

Async<void> SqliteJobStore::record_fresh_urls(JobId id, std::vector<Output> outputs) {
    return impl_->write(
        [id, outputs = std::move(outputs)](Write& w) { return sqlite::record_fresh_urls(w, id, outputs); });
}

Async<JobStatus> SqliteJobStore::record_output(JobId id, Output output) {
    return impl_->write([id, output = std::move(output)](Write& w) { return sqlite::record_output(w, id, output); });
}

Async<void> SqliteJobStore::record_download_retry(JobId id, WallTime at, std::string detail) {
    return impl_->write(
        [id, at, detail = std::move(detail)](Write& w) { return sqlite::record_download_retry(w, id, at, detail); });
}

Async<void> SqliteJobStore::record_failure(Failure failure) {
    return impl_->write([failure = std::move(failure)](Write& w) { return sqlite::record_failure(w, failure); });
}

Async<void> SqliteJobStore::record_new_generation(JobId id, std::optional<WallTime> not_before,
                                                  std::optional<double> credits, std::string detail) {
    return impl_->write([id, not_before, credits, detail = std::move(detail)](Write& w) {
        return sqlite::record_new_generation(w, id, not_before, credits, detail);
    });
}

Async<int> SqliteJobStore::promote_waiting(int limit) {
    return impl_->write([limit](Write& w) { return sqlite::promote_waiting(w, limit); });
}

Async<std::vector<JobId>> SqliteJobStore::expire_deadlines(int limit) {
    return impl_->write([limit](Write& w) { return sqlite::expire_deadlines(w, limit); });
}

Async<std::vector<JobId>> SqliteJobStore::fail_unsent(std::int64_t last_row, int limit) {
    return impl_->write([last_row, limit](Write& w) { return sqlite::fail_unsent(w, last_row, limit); });
}

Async<std::optional<WallTime>> SqliteJobStore::next_due() {
    return impl_->look_up([](Read& r) { return sqlite::next_due(r.db); });
}

Async<std::vector<Job>> SqliteJobStore::with_step(Step step, int limit) {
    return impl_->read([step, limit](Read& r) { return sqlite::with_step(r.db, step, limit); });
}

Async<std::vector<Job>> SqliteJobStore::interrupted() {
    return impl_->look_up([](Read& r) { return sqlite::interrupted(r.db); });
}

Async<Submission> SqliteJobStore::submission(JobId id, std::string token_sha256) {
    return impl_->look_up(
        [id, token = std::move(token_sha256)](Read& r) { return sqlite::submission(r.db, id, token); });
}

Async<void> SqliteJobStore::record_stray_task(JobId id, int attempt, std::string task_id) {
    return impl_->write(
        [id, attempt, task = std::move(task_id)](Write& w) { return sqlite::record_stray_task(w, id, attempt, task); });
}

Async<void> SqliteJobStore::record_revived(Generated generated) {
    return impl_->write([generated = std::move(generated)](Write& w) { return sqlite::record_revived(w, generated); });
}

Async<std::optional<LateLook>> SqliteJobStore::late_first() {
    return impl_->look_up([](Read& r) { return sqlite::late_first(r.db); });
}

Async<void> SqliteJobStore::record_late_look(JobId id, std::optional<WallTime> next) {
    return impl_->write([id, next](Write& w) { return sqlite::record_late_look(w, id, next); });
}

Async<std::vector<ModelDurations>> SqliteJobStore::durations() {
    return impl_->read([](Read& r) { return sqlite::durations(r.db); });
}

Async<std::vector<UsageRow>> SqliteJobStore::usage(UsageQuery wanted) {
    return impl_->read([wanted = std::move(wanted)](Read& r) { return sqlite::usage(r.db, wanted); });
}

Async<double> SqliteJobStore::record_balance(double balance) {
    return impl_->write([balance](Write& w) { return sqlite::record_balance(w, balance); });
}

Async<std::vector<Hold>> SqliteJobStore::holds() {
    return impl_->look_up([](Read& r) { return sqlite::holds(r.db); });
}

Async<void> SqliteJobStore::set_hold(Hold hold) {
    return impl_->write([hold = std::move(hold)](Write& w) { return sqlite::set_hold(w, hold); });
}

Async<void> SqliteJobStore::clear_hold(QueueReason reason, std::string model) {
    return impl_->write([reason, model = std::move(model)](Write& w) { return sqlite::clear_hold(w, reason, model); });
}

Async<std::optional<std::string>> SqliteJobStore::fact(std::string name) {
    return impl_->look_up([name = std::move(name)](Read& r) { return sqlite::fact(r.db, name); });
}

Async<void> SqliteJobStore::set_fact(std::string name, std::optional<std::string> value) {
    return impl_->write(
        [name = std::move(name), value = std::move(value)](Write& w) { return sqlite::set_fact(w, name, value); });
}

}  // namespace genq::store
