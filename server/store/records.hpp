#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/core/error.hpp"
#include "server/domain/job.hpp"

/// What the operations of JobStore take and give.
namespace genq::store {

/// What an idempotent request is known by. Keys are per caller and route.
struct IdempotencyKey {
    std::string caller;
    std::string route;  // "POST /v1/jobs", "POST /v1/jobs/{id}/retry"
    std::string key;
    std::string body_sha256;  // of the canonical body
};

struct Accepted {
    Job job;
    bool replayed = false;
    std::optional<OverBudget> refused{};  // set: nothing was accepted, nothing was changed, and `job` is empty
};

/// A job of a batch. Its input names jobs before it, whose ids are not known yet: at each `at` stand as many characters
/// as an id has, in whose place the id of the batch's job number `job` comes.
struct BatchJob {
    struct Reference {
        std::size_t at = 0;
        std::size_t job = 0;
    };
    NewJob job;
    std::vector<Reference> references;
};

struct NewBatch {
    std::string caller;
    Labels labels;
    std::vector<BatchJob> jobs;
};

struct AcceptedBatch {
    BatchId id;
    std::vector<JobId> jobs;  // in the order of the request
    std::size_t ended = 0;    // so many of them have ended already
    bool replayed = false;
    std::optional<OverBudget> refused{};  // as in Accepted
};

/// A batch as its jobs are now.
struct BatchStatus {
    BatchId id;
    std::string caller;
    Labels labels;
    WallTime created_at{};
    std::map<JobStatus, std::int64_t> counts;  // what is 0 is absent
    std::optional<WallTime> finished_at;       // of the last, once all have ended
};

struct Placed {
    Job job;
    std::optional<int>
        position;  // how many ready jobs go before it: 0 = next; nullopt past 1000 or when it isn't ready
};

struct JobFilter {
    std::vector<JobStatus> statuses;  // any of; empty: all. The other members alike
    std::vector<std::string> models;
    std::vector<Family> families;
    std::vector<std::string> kinds;
    std::vector<std::string> callers;
    std::vector<JobErrorCode> error_codes;
    std::vector<Billed> billed;
    Labels labels;  // all of
    std::optional<BatchId> batch{};
    std::optional<WallTime> created_after;   // exclusive
    std::optional<WallTime> created_before;  // exclusive
};

/// An event, with what readers of many jobs' events choose by.
struct FeedEvent {
    JobEvent event;
    std::string caller;
    std::string model;
    Family family{};
    std::string kind;
    std::optional<BatchId> batch;
    Labels labels;
};

struct EventPage {
    std::vector<FeedEvent> events;  // in their order
    std::int64_t newest = 0;        // id of the newest event, whether it is there or not; 0: there was none
    std::int64_t erased = 0;        // id of the newest event that is no more there, since its job was deleted; 0: none
};

struct JobPage {
    std::vector<Job> jobs;             // newest first
    std::optional<std::int64_t> next;  // row to pass as `before` for the next page
};

/// What keeps creates from being sent. Kept in the store, so that it outlives a restart.
struct Hold {
    QueueReason reason{};  // paused, upstream_auth, credits, storage or upstream_down
    std::string model;     // only with paused: one model; "" for all
    std::string detail;    // for people
    WallTime since{};
    std::optional<WallTime> until;  // lifts itself then
    std::optional<double> balance;  // with credits: the balance it began at
};

struct CountRow {
    JobStatus status{};
    std::string model;
    std::int64_t jobs = 0;
};

struct QueueStats {
    std::vector<CountRow> counts;
    std::optional<WallTime> oldest_ready_at;  // when the job became ready that has been so longest
    std::int64_t blob_bytes = 0;              // of all outputs listed
    std::int64_t deliveries_pending = 0;      // of webhooks
};

/// A job has ended; told after the commit that ended it, whoever did.
struct JobEnd {
    JobId id;
    std::string model;
    Family family{};
    std::string kind;
    JobStatus status{};
    std::string error_code;               // "" unless it failed
    std::string traceparent;              // "" for none
    std::chrono::milliseconds lasted{0};  // since its acceptance
};

/// Which jobs that have ended may be forgotten.
struct EndedFilter {
    std::optional<WallTime> finished_before;  // exclusive
    bool with_blobs = false;                  // only those that list stored outputs
    Labels keep;                              // not those with any of these labels
};

/// How a create that is about to be sent is marked. The attempt number makes stale answers harmless.
struct Intent {
    JobId id;
    int attempt = 0;
    std::string token_sha256{};            // of the callback token in the create, 64 hex digits; "" if it asks for none
    std::optional<WallTime> next_since{};  // since when the job was the next to get a token of the limiter
};

/// What a create without an answer may have cost, when another is sent in its place.
enum class Lost : std::uint8_t {
    nothing,  // it was answered, or costs nothing
    task,     // a task, which the next create finds: it is paid for once
    payment,  // a task that is paid for besides the next one's
};

/// Back to the queue, after an answer that proves that nothing was created, or to send a create again that was lost.
struct Requeue {
    JobId id;
    int attempt = 0;
    bool counts = false;                 // against max_attempts
    std::optional<WallTime> not_before;  // set: Step::wait until then, with reason retry_backoff
    std::string detail;                  // for the event
    bool proven = true;                  // false: a task may exist all the same, so its callback token stays good
    Lost lost = Lost::nothing;           // with proven = false
};

struct Submitted {
    JobId id;
    int attempt = 0;
    std::string task_id;
    std::string endpoint;
    WallTime next_poll_at{};
    Billed billed = Billed::yes;  // `no` for veo/1080p, which makes no task
    bool finds_lost = false;      // the task is that of the creates that were lost before
    /// Set when a callback proves the task: then a job that went back to the queue, because kie.ai's answer seemed to
    /// say that nothing was created, leaves it again.
    bool by_callback = false;
};

/// A create that asked for a callback, found by its token.
struct Submission {
    Job job;  // as it is now; its latest create may be a later one
    int attempt = 0;
    std::string task_id;  // "" until known
};

struct Polled {
    JobId id;
    std::string upstream_state;
    WallTime next_poll_at{};
    bool counts = true;  // false: only the time changes (a query that could not be sent)
};

/// What was learnt of how long a model's tasks take, as text that the store does not look into.
struct ModelDurations {
    std::string model;
    std::string histogram;
};

struct Generated {
    JobId id;
    std::string upstream_state;
    std::vector<Output> outputs;  // may be empty when `result` is set
    std::optional<boost::json::value> result;
    std::optional<double> credits;
    bool polled = true;                      // false: a callback told it
    std::optional<ModelDurations> learnt{};  // from this job, stored with it
    std::optional<WallTime> ended_at{};      // when the task had ended, if kie.ai says it
};

/// A failure. `billed` and `credits` change only when given.
struct Failure {
    JobId id;
    JobError error;
    std::string upstream_state;
    std::optional<Billed> billed;
    std::optional<double> credits;
    bool polled = false;  // a query told it
    /// Set: the outcome of that create. errc::conflict when the job is not `submitting` with it any more; if the job
    /// was canceled or ran out of time meanwhile, `billed` is settled all the same.
    std::optional<int> attempt = std::nullopt;
    std::optional<WallTime> late_look_at = std::nullopt;  // with a task: its record is asked for then (late_first())
    std::optional<WallTime> ended_at = std::nullopt;      // as in Generated
};

/// A call to a client's callBackUrl that is due.
struct DueCall {
    Job job;  // as it ended
    EndCall call;
    int tries = 0;  // made so far
    WallTime at{};
};

/// A stored output whose bytes nobody has looked into yet.
struct UnprobedOutput {
    JobId job;
    int index = 0;
    Digest digest;
    std::string media_type;
};

struct LateLook {
    Job job;
    WallTime at{};
};

struct RetryOptions {
    bool resubmit = false;
    std::optional<WallTime> deadline_at;
    WallTime next_poll_at{};  // for a task that is polled again
    Admission admission{};    // that a new create has to fit into
};

/// Bytes that a caller has put into the blob store.
struct NewFile {
    Digest digest;
    std::string caller;
};

/// kie.ai's copy of a blob.
struct Upload {
    Digest digest;
    std::string url;  // never logged
    WallTime expires_at{};
};

/// Whose files are uploaded next, and when there may be more to do.
struct UploadTurn {
    std::optional<Job> job;
    std::optional<WallTime> next_at;  // without a job: the earliest of those that wait to be tried again
};

/// What a look for the next job passes over.
struct PassedOver {
    std::set<std::string> models{};
    std::set<std::int64_t> rows{};  // jobs picked, with no intent recorded yet; a few dozen at most
    std::set<std::string> callers{};
};

enum class UsageBy { model, caller, label };

struct UsageQuery {
    UsageBy by{};
    std::string label{};                  // with UsageBy::label: its key
    WallTime from{};                      // inclusive; jobs by their acceptance
    std::optional<WallTime> to{};         // exclusive
    std::optional<std::string> caller{};  // of this one only
};

/// The jobs of one group and status.
struct UsageRow {
    std::optional<std::string> key;  // nullopt: jobs without that label
    JobStatus status{};
    std::int64_t jobs = 0;
    Millicredits told = 0;  // as in Charge
    Millicredits assumed = 0;
    Millicredits reserved = 0;
};

/// A time of the queue's history, in whole minutes of it.
struct HistoryQuery {
    WallTime from{};  // inclusive
    WallTime to{};    // exclusive
    std::chrono::minutes step{1};
};

/// How long something took: mean (sum by seen) and longest.
struct Lag {
    std::int64_t seen = 0;
    std::chrono::milliseconds sum{0};
    std::chrono::milliseconds longest{0};
};

/// What happened from `at` on for a step.
struct HistoryRow {
    WallTime at{};
    std::int64_t accepted = 0;
    std::int64_t creates = 0;  // begun, also those that were sent again
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::int64_t canceled = 0;
    Lag wait{};       // before each job's first create, since it might go by its scheduled_at
    Lag detection{};  // how long ends of tasks went unnoticed, where kie.ai says when they were
};

}  // namespace genq::store
