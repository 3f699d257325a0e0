#include "server/store/sqlite/store_impl.hpp"

// The operations of JobStore's engine side. None of these is a coroutine: each only forwards what the caller gave to
// the thread that does the work.
namespace genq::store {

template <class T>
using Async = JobStore::Async<T>;
using sqlite::Read;
using sqlite::Write;

Async<UploadTurn> SqliteJobStore::next_upload(std::string last_caller, std::set<std::int64_t> taken) {
    const WallTime now = impl_->clock.wall_now();
    return impl_->look_up([now, last = std::move(last_caller), taken = std::move(taken)](Read& r) {
        return sqlite::next_upload(r.db, now, last, taken);
    });
}

Async<std::optional<Upload>> SqliteJobStore::find_upload(Digest digest, WallTime until) {
    return impl_->look_up(
        [digest = std::move(digest), until](Read& r) { return sqlite::find_upload(r.db, digest, until); });
}

Async<void> SqliteJobStore::record_upload(Upload upload) {
    return impl_->write([upload = std::move(upload)](Write& w) { return sqlite::record_upload(w, upload); });
}

Async<void> SqliteJobStore::record_input(JobId id, std::string sent_input, std::optional<WallTime> until) {
    return impl_->write(
        [id, input = std::move(sent_input), until](Write& w) { return sqlite::record_input(w, id, input, until); });
}

Async<std::string> SqliteJobStore::record_contents(JobId id, Contents contents) {
    return impl_->write(
        [id, contents = std::move(contents)](Write& w) { return sqlite::record_contents(w, id, contents); });
}

Async<bool> SqliteJobStore::take_result(JobId id, std::int64_t after) {
    return impl_->write([id, after](Write& w) { return sqlite::take_result(w, id, after); });
}

Async<void> SqliteJobStore::record_upload_retry(JobId id, WallTime at) {
    return impl_->write([id, at](Write& w) { return sqlite::record_upload_retry(w, id, at); });
}

Async<void> SqliteJobStore::record_stale_input(JobId id) {
    return impl_->write([id](Write& w) { return sqlite::record_stale_input(w, id); });
}

Async<std::optional<Job>> SqliteJobStore::next_ready(std::string last_caller, PassedOver passed_over) {
    return impl_->read([last = std::move(last_caller), passed_over = std::move(passed_over)](Read& r) {
        return sqlite::next_ready(r, last, passed_over);
    });
}

Async<int> SqliteJobStore::count_ready(std::set<std::string> held, int limit) {
    return impl_->look_up([held = std::move(held), limit](Read& r) { return sqlite::count_ready(r.db, held, limit); });
}

Async<std::optional<Job>> SqliteJobStore::cheapest_ready(PassedOver passed_over) {
    return impl_->read(
        [passed_over = std::move(passed_over)](Read& r) { return sqlite::cheapest_ready(r, passed_over); });
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

Async<std::vector<UnprobedOutput>> SqliteJobStore::unprobed(int limit) {
    return impl_->read([limit](Read& r) { return sqlite::unprobed(r.db, limit); });
}

Async<void> SqliteJobStore::record_media(UnprobedOutput output, MediaFacts facts) {
    return impl_->write([output = std::move(output), facts = std::move(facts)](Write& w) {
        return sqlite::record_media(w, output, facts);
    });
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

Async<std::vector<DueCall>> SqliteJobStore::due_calls(WallTime now, int limit) {
    return impl_->look_up([now, limit](Read& r) { return sqlite::due_calls(r.db, now, limit); });
}

Async<void> SqliteJobStore::record_call(DueCall made, std::optional<WallTime> next) {
    return impl_->write([made = std::move(made), next](Write& w) { return sqlite::record_call(w, made, next); });
}

Async<FoundDeliveries> SqliteJobStore::due_deliveries(DueDeliveries wanted) {
    return impl_->read([wanted = std::move(wanted)](Read& r) { return sqlite::due_deliveries(r.db, wanted); });
}

Async<std::optional<DeliveryState>> SqliteJobStore::record_delivery(DueDelivery made, DeliveryTry how, AfterTry after,
                                                                    std::optional<WallTime> next) {
    return impl_->write([made = std::move(made), how = std::move(how), after, next](Write& w) {
        return sqlite::record_delivery(w, made, how, after, next);
    });
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
