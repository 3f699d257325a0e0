#pragma once
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/store/job_store.hpp"
#include "server/store/sqlite/readers.hpp"
#include "server/store/sqlite/writer.hpp"

/// The operations of JobStore as functions over a connection; what each does is said there. Those that take a Write run
/// on the writer's thread inside a transaction and may be run again after a rollback; the others run on a reader's.
/// None changes anything when it returns an error, unless JobStore says so.
namespace genq::store::sqlite {

// intake.cpp
[[nodiscard]] Result<Accepted> accept(Write& write, const NewJob& job, const std::optional<IdempotencyKey>& key);
/// A job without a key.
[[nodiscard]] Result<Accepted> add_job(Write& write, const NewJob& job);
/// The id of what a key already made; nullopt: the key is new. Errors as JobStore::accept() has them.
[[nodiscard]] Result<std::optional<std::string>> find_made(sql::Connection& db, const IdempotencyKey& key);
/// The job that a key already made; nullopt: the key is new.
[[nodiscard]] Result<std::optional<Job>> find_key(sql::Connection& db, const IdempotencyKey& key);
void remember_key(Write& write, const IdempotencyKey& key, JobId id);
[[nodiscard]] Result<std::vector<Digest>> erase(Write& write, JobId id);

// dependencies.cpp
/// Sets Job::links of a new job. errc::conflict: it refers to a job that is gone. Changes nothing in the database.
[[nodiscard]] Result<void> link(Write& write, Job& job);
/// Writes down what a new job refers to, once its row is there.
void write_links(Write& write, const Job& job);
/// The step of a queued job that nothing but time, other jobs and uploads keeps from its turn; the row is the caller's
/// to write.
void place_in_queue(Write& write, Job& job);
/// Why a job can't succeed, if one that it refers to has failed, was canceled or is gone.
[[nodiscard]] std::optional<JobError> broken_dependency(Write& write, const Job& job);
/// Queues or fails what waited for the jobs that this operation has ended.
[[nodiscard]] Result<void> settle_dependants(Write& write);
/// An unfinished job that refers to this one.
[[nodiscard]] std::optional<std::string> unfinished_dependant(sql::Connection& db, JobId id);

// files.cpp
[[nodiscard]] Result<bool> accept_file(Write& write, const NewFile& file, const std::optional<IdempotencyKey>& key);
[[nodiscard]] Result<bool> owns_blob(sql::Connection& db, const std::string& caller, const Digest& digest);
[[nodiscard]] Result<UploadTurn> next_upload(sql::Connection& db, WallTime now, const std::string& last_caller,
                                             const std::set<std::int64_t>& taken);
[[nodiscard]] Result<std::optional<Upload>> find_upload(sql::Connection& db, const Digest& digest, WallTime until);
[[nodiscard]] Result<void> record_upload(Write& write, const Upload& upload);
[[nodiscard]] Result<void> record_input(Write& write, JobId id, const std::string& sent_input,
                                        std::optional<WallTime> until);
[[nodiscard]] Result<void> record_upload_retry(Write& write, JobId id, WallTime at);
[[nodiscard]] Result<void> record_stale_input(Write& write, JobId id);
/// A job that waits for its files; errc::conflict: it does not, any more.
[[nodiscard]] Result<Job> load_uploading(Write& write, JobId id);

// batch.cpp
[[nodiscard]] Result<AcceptedBatch> accept_batch(Write& write, const NewBatch& batch,
                                                 const std::optional<IdempotencyKey>& key);
[[nodiscard]] Result<BatchStatus> batch(sql::Connection& db, BatchId id);
/// A job of it was deleted: with the last one it goes too.
void leave_batch(Write& write, BatchId id);

// reuse.cpp
/// JobStore::reusable(), of rows above `after` and other than `self`.
[[nodiscard]] Result<std::optional<Job>> find_original(sql::Connection& db, const std::string& reuse_key,
                                                       std::int64_t after, std::int64_t self);
[[nodiscard]] Result<std::string> record_contents(Write& write, JobId id, const Contents& contents);
[[nodiscard]] Result<bool> take_result(Write& write, JobId id, std::int64_t after);
/// Ends a job as `original` has ended, whose end it shares.
void end_like(Write& write, Job& follower, const Job& original);
/// Another job waits for this one's result.
void mark_followed(Write& write, JobId original);
/// Ends those who waited for the result of a job that has ended, or sets them going by themselves.
[[nodiscard]] Result<void> settle_followers(Write& write, const Ended& ended);

// listing.cpp
[[nodiscard]] Result<JobPage> list(sql::Connection& db, const JobFilter& filter, std::optional<std::int64_t> before,
                                   int limit);
[[nodiscard]] Result<std::vector<Job>> ended(sql::Connection& db, const EndedFilter& filter, std::int64_t after,
                                             int limit);
[[nodiscard]] Result<bool> lists_blob(sql::Connection& db, const Digest& digest);
[[nodiscard]] Result<QueueStats> stats(sql::Connection& db);

// events.cpp
[[nodiscard]] Result<std::vector<JobEvent>> events(sql::Connection& db, JobId id);
[[nodiscard]] Result<EventPage> events_after(sql::Connection& db, std::int64_t after, std::optional<JobId> job,
                                             int limit);

// turn.cpp
[[nodiscard]] Result<std::optional<Job>> next_ready(Read& read, const std::string& last_caller,
                                                    const PassedOver& passed_over);
[[nodiscard]] Result<int> count_ready(sql::Connection& db, const std::set<std::string>& held, int limit);
[[nodiscard]] Result<std::optional<Job>> cheapest_ready(Read& read, const PassedOver& passed_over);
[[nodiscard]] Result<Placed> get_placed(Read& read, JobId id, const std::string& last_caller);

// submission.cpp
[[nodiscard]] Result<void> record_intent(Write& write, const Intent& intent);
[[nodiscard]] Result<void> record_not_created(Write& write, const Requeue& requeue);
[[nodiscard]] Result<void> record_submitted(Write& write, const Submitted& submitted);
[[nodiscard]] Result<void> record_unknown(Write& write, JobId id, int attempt, WallTime settle_at);
[[nodiscard]] Result<std::vector<Job>> interrupted(sql::Connection& db);
[[nodiscard]] Result<Submission> submission(sql::Connection& db, JobId id, const std::string& token_sha256);
[[nodiscard]] Result<void> record_stray_task(Write& write, JobId id, int attempt, const std::string& task_id);

// generation.cpp
[[nodiscard]] Result<void> record_poll(Write& write, const Polled& polled);
[[nodiscard]] Result<void> record_generated(Write& write, const Generated& generated);
[[nodiscard]] Result<void> record_revived(Write& write, const Generated& generated);
[[nodiscard]] Result<void> record_new_generation(Write& write, JobId id, std::optional<WallTime> not_before,
                                                 std::optional<double> credits, const std::string& detail);
[[nodiscard]] Result<void> record_fresh_urls(Write& write, JobId id, const std::vector<Output>& outputs);
[[nodiscard]] Result<JobStatus> record_output(Write& write, JobId id, const Output& output);
[[nodiscard]] Result<void> record_download_retry(Write& write, JobId id, WallTime at, const std::string& detail);

// media.cpp
[[nodiscard]] Result<std::vector<UnprobedOutput>> unprobed(sql::Connection& db, int limit);
[[nodiscard]] Result<void> record_media(Write& write, const UnprobedOutput& output, const MediaFacts& facts);

// ending.cpp
[[nodiscard]] Result<Job> cancel(Write& write, JobId id);
[[nodiscard]] Result<Accepted> retry(Write& write, JobId id, const RetryOptions& options,
                                     const std::optional<IdempotencyKey>& key);
[[nodiscard]] Result<void> record_failure(Write& write, const Failure& failure);
[[nodiscard]] Result<std::vector<JobId>> expire_deadlines(Write& write, int limit);
[[nodiscard]] Result<std::vector<JobId>> fail_unsent(Write& write, std::int64_t last_row, int limit);

// due.cpp
[[nodiscard]] Result<int> promote_waiting(Write& write, int limit);
[[nodiscard]] Result<std::optional<WallTime>> next_due(sql::Connection& db);
[[nodiscard]] Result<std::vector<Job>> with_step(sql::Connection& db, Step step, int limit);
[[nodiscard]] Result<std::optional<LateLook>> late_first(sql::Connection& db);
[[nodiscard]] Result<void> record_late_look(Write& write, JobId id, std::optional<WallTime> next);
void watch_late(Write& write, JobId id, WallTime next);
void stop_late_watch(Write& write, JobId id);

// calls.cpp
void insert_call(Write& write, JobId id, const EndCall& call);
[[nodiscard]] Result<std::vector<DueCall>> due_calls(sql::Connection& db, WallTime now, int limit);
[[nodiscard]] Result<void> record_call(Write& write, const DueCall& made, std::optional<WallTime> next);

// deliveries.cpp
void insert_webhook(Write& write, JobId id, const Webhook& webhook);
/// Writes down what the job's webhook has to be told of, if it wants that event; all of the job is as a reader will
/// see it.
void tell(Write& write, const Job& job, std::string_view event);
[[nodiscard]] Result<FoundDeliveries> due_deliveries(sql::Connection& db, const DueDeliveries& wanted);
[[nodiscard]] Result<std::optional<DeliveryState>> record_delivery(Write& write, const DueDelivery& made,
                                                                   const DeliveryTry& how, AfterTry after,
                                                                   std::optional<WallTime> next);
[[nodiscard]] Result<std::vector<Delivery>> deliveries(sql::Connection& db, JobId id);
[[nodiscard]] Result<void> redeliver(Write& write, JobId id, int n);

// budget.cpp
/// The room for one more create of such a job: in its caller's budget and in the daemon's. Changes nothing yet.
[[nodiscard]] std::expected<Reservation, OverBudget> reserve(Write& write, const NewJob& job,
                                                             const Admission& admission);
/// Puts what has changed of the job's charge into the sums of the charge's day; the row is the caller's to write.
void book(Write& write, Job& job, const Charge& charge);
void save_price(Write& write, const std::string& model, double credits);
[[nodiscard]] Result<double> record_balance(Write& write, double balance);

// usage.cpp
[[nodiscard]] Result<std::vector<UsageRow>> usage(sql::Connection& db, const UsageQuery& wanted);

// history.cpp
[[nodiscard]] Result<std::vector<HistoryRow>> history(sql::Connection& db, const HistoryQuery& wanted);

// durations.cpp
[[nodiscard]] Result<std::vector<ModelDurations>> durations(sql::Connection& db);
void save_durations(Write& write, const ModelDurations& durations);

// settings.cpp
[[nodiscard]] Result<std::vector<Hold>> holds(sql::Connection& db);
[[nodiscard]] Result<void> set_hold(Write& write, const Hold& hold);
[[nodiscard]] Result<void> clear_hold(Write& write, QueueReason reason, const std::string& model);
[[nodiscard]] Result<std::optional<std::string>> fact(sql::Connection& db, const std::string& name);
[[nodiscard]] Result<void> set_fact(Write& write, const std::string& name, const std::optional<std::string>& value);

}  // namespace genq::store::sqlite
