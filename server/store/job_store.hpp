#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/store/deliveries.hpp"
#include "server/store/records.hpp"

namespace genq::store {

/// Everything that the daemon remembers, as whole operations: each is one transaction, and returns after it is synced.
/// Operations that change a job check that it still is in the state they start from; errc::conflict says that it is
/// not (canceled meanwhile, say) and that nothing was changed, unless a comment says otherwise. errc::not_found,
/// errc::storage_full, errc::busy (the bounded queue is full) and errc::io are possible everywhere. Times are the wall
/// clock's, passed in or read from the clock given at construction. Called from any strand, answers on the caller's.
class JobStore {
  public:
    virtual ~JobStore() = default;
    template <class T>
    using Async = boost::asio::awaitable<Result<T>>;

    // --- the API's side -------------------------------------------------------------------------------------------
    /// Makes a job, queued (Step::submit, or Step::wait until scheduled_at, until the jobs that it refers to have
    /// succeeded, and until its files are uploaded), and remembers the key. One that refers to a job that has failed or
    /// was canceled has failed itself; errc::conflict: to one that is gone. The same key with
    /// the same body gives the job made first, `replayed`; with another body errc::already_exists; for a deleted job
    /// errc::conflict. What does not fit into job.admission is `refused`, with its key unused; what fits reserves its
    /// price (DESIGN.md, "Budgets and usage").
    [[nodiscard]] virtual Async<Accepted> accept(NewJob job, std::optional<IdempotencyKey> key) = 0;
    /// Makes all jobs of a batch or none: accept() of each, in order, in one transaction. A key of a batch that lost a
    /// job since is errc::conflict.
    [[nodiscard]] virtual Async<AcceptedBatch> accept_batch(NewBatch batch, std::optional<IdempotencyKey> key) = 0;
    /// errc::not_found, also when its last job was deleted.
    [[nodiscard]] virtual Async<BatchStatus> batch(BatchId id) = 0;
    /// The job that would answer for one with that reuse key (DESIGN.md, "Reuse"): the newest that has succeeded,
    /// else the newest under way that makes its own.
    [[nodiscard]] virtual Async<std::optional<Job>> reusable(std::string reuse_key) = 0;
    [[nodiscard]] virtual Async<Job> get(JobId id) = 0;
    /// The job that accept() made with that key, if it did; errors as there. Changes nothing.
    [[nodiscard]] virtual Async<std::optional<Job>> accepted_before(IdempotencyKey key) = 0;
    /// `limit` jobs with row < `before` (all if absent).
    [[nodiscard]] virtual Async<JobPage> list(JobFilter filter, std::optional<std::int64_t> before, int limit) = 0;
    [[nodiscard]] virtual Async<std::vector<JobEvent>> events(JobId id) = 0;
    /// Up to `limit` events with ids above `after`, of one job or of all, in their order. Ids rise in the order of
    /// commits, and none is left out. errc::not_found: there is no such job. A page of up to a hundred waits behind no
    /// long read.
    [[nodiscard]] virtual Async<EventPage> events_after(std::int64_t after, std::optional<JobId> job, int limit) = 0;
    /// The job with its place in the queue. `last_caller` is whose turn was last.
    [[nodiscard]] virtual Async<Placed> get_placed(JobId id, std::string last_caller) = 0;
    /// Terminal at once. Billed stays what it is; partial outputs are dropped. errc::conflict: terminal already.
    [[nodiscard]] virtual Async<Job> cancel(JobId id) = 0;
    /// Takes up where the job failed (API.md): errc::conflict with the reason when it may not. For a task
    /// that is polled again submitted_at becomes now: its longest wait starts over. `key` as in accept(), and so is the
    /// reservation for a new create.
    [[nodiscard]] virtual Async<Accepted> retry(JobId id, RetryOptions options, std::optional<IdempotencyKey> key) = 0;
    /// Forgets a terminal job; its key stays as a marker. Returns the digests that no other job lists any more.
    [[nodiscard]] virtual Async<std::vector<Digest>> erase(JobId id) = 0;
    /// Up to `limit` jobs that have ended, of rows above `after`, the oldest first.
    [[nodiscard]] virtual Async<std::vector<Job>> ended(EndedFilter filter, std::int64_t after, int limit) = 0;
    /// True if some job lists the blob, or takes it as input.
    [[nodiscard]] virtual Async<bool> lists_blob(Digest digest) = 0;
    /// Notes whose bytes these are. True when `key` was used for them before; with other bytes errc::already_exists.
    [[nodiscard]] virtual Async<bool> accept_file(NewFile file, std::optional<IdempotencyKey> key) = 0;
    /// True if the caller uploaded the blob, or a job of its lists it.
    [[nodiscard]] virtual Async<bool> owns_blob(std::string caller, Digest digest) = 0;
    [[nodiscard]] virtual Async<QueueStats> stats() = 0;
    /// What the jobs of a time have cost, by group, in the groups' order; one row a status. May scan all of them.
    [[nodiscard]] virtual Async<std::vector<UsageRow>> usage(UsageQuery wanted) = 0;
    /// What the queue did in each step of a time, in its order; steps begin at multiples of `step` since 1970, and one
    /// in which nothing happened has no row. Of the last thirty days; what is deleted since stays in it.
    [[nodiscard]] virtual Async<std::vector<HistoryRow>> history(HistoryQuery wanted) = 0;

    // --- the engine's side ----------------------------------------------------------------------------------------
    /// The job whose turn it is: highest priority first; inside it the caller after `last_caller` in name order, going
    /// round; inside that first in, first out. nullopt: nothing is ready but what is passed over.
    [[nodiscard]] virtual Async<std::optional<Job>> next_ready(std::string last_caller, PassedOver passed_over) = 0;
    /// How many jobs are ready, at most `limit`; models of `held` are passed over.
    [[nodiscard]] virtual Async<int> count_ready(std::set<std::string> held, int limit) = 0;
    /// The ready job that was accepted first, whatever its priority and caller.
    [[nodiscard]] virtual Async<std::optional<Job>> cheapest_ready(PassedOver passed_over) = 0;
    /// The job whose files are uploaded next: highest priority first, callers in turn, each one's first in, first out.
    /// `taken` are passed over.
    [[nodiscard]] virtual Async<UploadTurn> next_upload(std::string last_caller, std::set<std::int64_t> taken) = 0;
    /// kie.ai's copy of a blob, if it is good beyond `until`.
    [[nodiscard]] virtual Async<std::optional<Upload>> find_upload(Digest digest, WallTime until) = 0;
    [[nodiscard]] virtual Async<void> record_upload(Upload upload) = 0;
    /// Nothing keeps the job from its turn any more: Step::wait (uploading) → Step::submit. `until`: how long the URLs
    /// in the input are good; nullopt: there are none.
    [[nodiscard]] virtual Async<void> record_input(JobId id, std::string sent_input, std::optional<WallTime> until) = 0;
    /// The upload failed and is tried again at `at`.
    /// What the jobs that it refers to have made, now that they have: its reuse key is by that from now on. Returns it.
    [[nodiscard]] virtual Async<std::string> record_contents(JobId id, Contents contents) = 0;
    /// The job that would answer for it by its reuse key, of rows above `after`, does: it ends with that one's result,
    /// or waits for it, and those who waited for its own wait for that too. False: there is none.
    [[nodiscard]] virtual Async<bool> take_result(JobId id, std::int64_t after) = 0;
    [[nodiscard]] virtual Async<void> record_upload_retry(JobId id, WallTime at) = 0;
    /// The URLs of a job that is ready to be sent are good no more: Step::submit → Step::wait (uploading).
    [[nodiscard]] virtual Async<void> record_stale_input(JobId id) = 0;
    /// queued → submitting, attempts + 1, billed unknown: on disk before a byte of the create leaves.
    [[nodiscard]] virtual Async<void> record_intent(Intent intent) = 0;
    /// submitting → queued, billed no, or unknown while a lost create was never found. If the job was canceled
    /// meanwhile only `billed` is settled (no error).
    [[nodiscard]] virtual Async<void> record_not_created(Requeue requeue) = 0;
    /// submitting → generating with the task id. If the job was canceled meanwhile the task id and `billed` are filled
    /// in all the same and the call returns errc::conflict.
    [[nodiscard]] virtual Async<void> record_submitted(Submitted submitted) = 0;
    /// Stays submitting; Step::settle at `settle_at`.
    [[nodiscard]] virtual Async<void> record_unknown(JobId id, int attempt, WallTime settle_at) = 0;
    [[nodiscard]] virtual Async<void> record_poll(Polled polled) = 0;
    /// generating → downloading (outputs listed, none stored), or → succeeded when there are none to store.
    [[nodiscard]] virtual Async<void> record_generated(Generated generated) = 0;
    /// New source URLs for outputs not stored yet (the old ones expired).
    [[nodiscard]] virtual Async<void> record_fresh_urls(JobId id, std::vector<Output> outputs) = 0;
    /// The bytes of one output are in the blob store. The last one makes the job succeeded, in the same transaction.
    /// Returns the job's status after it.
    [[nodiscard]] virtual Async<JobStatus> record_output(JobId id, Output output) = 0;
    /// Up to `limit` stored outputs without media facts, those of the newest jobs first.
    [[nodiscard]] virtual Async<std::vector<UnprobedOutput>> unprobed(int limit) = 0;
    /// What these bytes say of themselves. errc::conflict: the job does not list them any more. The version rises when
    /// anything is known.
    [[nodiscard]] virtual Async<void> record_media(UnprobedOutput output, MediaFacts facts) = 0;
    /// Step::download again at `at`, download_attempts + 1.
    [[nodiscard]] virtual Async<void> record_download_retry(JobId id, WallTime at, std::string detail) = 0;
    /// Any status that is not terminal → failed.
    [[nodiscard]] virtual Async<void> record_failure(Failure failure) = 0;
    /// generating → queued for a new task, generation_tries + 1: the caller's opt-in (generation_retries). The task id
    /// is forgotten, billed no; `credits` that the failed one consumed stay in the job's charge, and the new create is
    /// reserved for at the same price.
    [[nodiscard]] virtual Async<void> record_new_generation(JobId id, std::optional<WallTime> not_before,
                                                            std::optional<double> credits, std::string detail) = 0;

    /// Moves up to `limit` jobs whose Step::wait is over to Step::submit; returns how many.
    [[nodiscard]] virtual Async<int> promote_waiting(int limit) = 0;
    /// Fails up to `limit` unfinished jobs past their deadline; returns their ids.
    [[nodiscard]] virtual Async<std::vector<JobId>> expire_deadlines(int limit) = 0;
    /// After a restore: fails up to `limit` jobs that are queued or submitting, of rows up to `last_row`, as
    /// submit_unknown with billed unknown, since the original may have sent them; returns their ids.
    [[nodiscard]] virtual Async<std::vector<JobId>> fail_unsent(std::int64_t last_row, int limit) = 0;
    /// The earliest step_at of waiting jobs and the earliest deadline, whichever is first.
    [[nodiscard]] virtual Async<std::optional<WallTime>> next_due() = 0;
    /// Jobs with that step, earliest step_at first: how the engine finds its work after a start.
    [[nodiscard]] virtual Async<std::vector<Job>> with_step(Step step, int limit) = 0;
    /// At start: jobs in `submitting` whose create has no recorded outcome, because the process died. record_unknown()
    /// is due for each.
    [[nodiscard]] virtual Async<std::vector<Job>> interrupted() = 0;

    /// The submission whose callback token has this SHA-256. errc::not_found.
    [[nodiscard]] virtual Async<Submission> submission(JobId id, std::string token_sha256) = 0;
    /// A callback showed a task of a create that is not the job's latest: notes it down. errc::conflict: known already.
    [[nodiscard]] virtual Async<void> record_stray_task(JobId id, int attempt, std::string task_id) = 0;
    /// failed → downloading (or succeeded, with nothing to store): proof of success came late. The deadline is dropped.
    /// errc::conflict when the job did not fail as submit_unknown, generation_timeout or deadline_exceeded.
    [[nodiscard]] virtual Async<void> record_revived(Generated generated) = 0;
    /// The timed-out job that is to be asked for first, with the time; see Failure::late_look_at.
    [[nodiscard]] virtual Async<std::optional<LateLook>> late_first() = 0;
    /// It was asked for: next at `next`, or nullopt: never again.
    [[nodiscard]] virtual Async<void> record_late_look(JobId id, std::optional<WallTime> next) = 0;

    /// Up to `limit` calls that are due at `now`, earliest first.
    [[nodiscard]] virtual Async<std::vector<DueCall>> due_calls(WallTime now, int limit) = 0;
    /// That call was made: the next try is at `next`, or nullopt: there is none. Nothing is changed if the job ended
    /// anew meanwhile.
    [[nodiscard]] virtual Async<void> record_call(DueCall made, std::optional<WallTime> next) = 0;

    /// Deliveries of webhooks that are due: of each host the earliest, of each job one after the other.
    [[nodiscard]] virtual Async<FoundDeliveries> due_deliveries(DueDeliveries wanted) = 0;
    /// That delivery was tried: `next` is given with AfterTry::again. Lets the job's next delivery go if this one has
    /// ended. Returns its state now; nullopt: its job is gone. One that was asked for anew meanwhile stays due.
    [[nodiscard]] virtual Async<std::optional<DeliveryState>> record_delivery(DueDelivery made, DeliveryTry how,
                                                                              AfterTry after,
                                                                              std::optional<WallTime> next) = 0;
    /// All of a job, in the order of its events.
    [[nodiscard]] virtual Async<std::vector<Delivery>> deliveries(JobId id) = 0;
    /// That delivery is due now, whatever became of it, under the same id, and its tries start over. errc::not_found;
    /// errc::conflict while it waits for the one before it.
    [[nodiscard]] virtual Async<void> redeliver(JobId id, int n) = 0;

    /// What was learnt, of the models that were used last; that of others is forgotten.
    [[nodiscard]] virtual Async<std::vector<ModelDurations>> durations() = 0;

    /// kie.ai's balance was looked at. How many credits have gone since the first such look that no job explains;
    /// negative: what came in (a top-up). 0 at the first.
    [[nodiscard]] virtual Async<double> record_balance(double balance) = 0;

    [[nodiscard]] virtual Async<std::vector<Hold>> holds() = 0;
    /// Sets or replaces the hold of that reason and model.
    [[nodiscard]] virtual Async<void> set_hold(Hold hold) = 0;
    [[nodiscard]] virtual Async<void> clear_hold(QueueReason reason, std::string model) = 0;

    /// Small durable facts of the engine ("queue_epoch", "stopped_at", "endpoint.veo/extend").
    [[nodiscard]] virtual Async<std::optional<std::string>> fact(std::string name) = 0;
    [[nodiscard]] virtual Async<void> set_fact(std::string name, std::optional<std::string> value) = 0;
};

/// Told after each commit which jobs changed (sorted, no doubles); called on the writer's thread, must not block.
using OnChange = std::function<void(const std::vector<std::int64_t>& rows)>;
/// The traceparent of a job that comes without one.
using OwnTrace = std::function<std::string(JobId id)>;
/// Called after a commit with the jobs that it has ended, also those that ended with another or before they ran.
using OnEnd = std::function<void(const std::vector<JobEnd>& ends)>;

}  // namespace genq::store
