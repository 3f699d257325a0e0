#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/core/clock.hpp"
#include "server/domain/budget.hpp"
#include "server/domain/family.hpp"
#include "server/domain/ids.hpp"
#include "server/domain/job_status.hpp"
#include "server/domain/reference.hpp"

namespace genq {

using Labels = std::vector<std::pair<std::string, std::string>>;  // sorted by key

/// Why a job failed.
struct JobError {
    JobErrorCode code{};
    std::string message;
    std::string advice;
    std::optional<int> upstream_code;
    std::string upstream_message;
    bool retryable = false;
};

/// What the bytes of a picture, film or sound say of themselves. Read from what a stranger made: only for people.
struct MediaFacts {
    std::optional<int> width;  // pixels
    std::optional<int> height;
    std::optional<double> duration_s;
    std::string codec;  // as FFmpeg names it: "png", "h264", "mp3"; "" for unknown

    bool operator==(const MediaFacts&) const = default;
};

/// One output of a job. Before it is stored only index, source_url and role are set.
struct Output {
    int index = 0;
    std::string source_url;  // as kie.ai gave it; it expires. Never logged. "" for a file written from the result
    std::string role;  // "image", "video", "audio", "first_frame", "last_frame", "mask", …: what it is in the result
    std::optional<Digest> digest;  // set once the bytes are in the store, whole and synced
    std::uint64_t bytes = 0;
    std::string media_type;
    std::string filename;
    std::optional<MediaFacts> media{};  // nullopt: the bytes were not looked into yet
};

/// A blob that a job's input names.
struct InputFile {
    Digest digest;
    std::uint64_t bytes = 0;
};

// What a job has to do with files and other jobs, as bits of Job::links.
inline constexpr int link_refers = 1;    // its input holds references
inline constexpr int link_depends = 2;   // some of them to other jobs
inline constexpr int link_awaited = 4;   // others refer to it
inline constexpr int link_checked = 32;  // 8 and 16 are the store's own; see NewJob::checked
inline constexpr int link_reuses = 64;   // it depends on others, and an identical job may answer for it

/// Who is told of a job's end in kie.ai's own way (DESIGN.md, "kie.ai's API in front").
struct EndCall {
    std::string url;   ///< the client's callBackUrl; never logged
    std::string base;  ///< what URLs of ours begin with in the call
};

/// Who is told of a job's events (DESIGN.md, "Webhooks").
struct Webhook {
    std::string url;                  ///< never logged: its query may hold a secret
    std::string receiver;             ///< the URL's host, with its port if that is not the scheme's own, and path
    std::vector<std::string> events;  ///< names as the job's history has them
};

/// What is fixed when a job is accepted.
struct NewJob {
    std::string model;       // as asked for, aliases resolved to the catalogue's id
    std::string wire_model;  // what goes to kie.ai
    Family family{};
    std::string kind;  // image, image-edit, upscale, video, video-edit, music, speech, …
    PollProfile profile{};
    std::string input = "{}";  // what the caller sent: a JSON object, as text, since only its create looks into it
    int priority = 0;          // -100…100
    std::string caller;        // the token's name; "anonymous" without tokens
    std::optional<WallTime> scheduled_at;
    std::optional<WallTime> deadline_at;
    int max_attempts = 5;
    int generation_retries = 0;
    std::chrono::seconds longest_wait{0};  // 0: the profile's
    std::vector<std::string> warnings;
    Labels labels;
    bool refers = false;            // `input` holds references (reference.hpp)
    bool checked = false;           // its model's schema holds, also for files that other jobs have yet to make
    std::vector<InputFile> files;   // blobs among them, each once; pinned. Not read back
    std::vector<JobId> depends_on;  // the jobs among them, each once
    std::string sent_input;         // `input` with all references resolved; "" until that is known
    Contents contents{};            // what is known already of what its references stand for; not stored
    std::optional<BatchId> batch{};
    std::string traceparent{};                  // W3C Trace Context of the request it came with; "" for none
    std::string tracestate{};                   // what came beside it; "" for none
    std::string reuse_key{};                    // what identical jobs of one caller have in common; "" for none
    std::optional<std::int64_t> reuse_after{};  // set: an identical job of rows above may answer for it. Not stored
    Admission admission{};                      // what it has to fit into; not stored
    std::optional<EndCall> end_call{};          // kept beside the job, and not read with it
    std::optional<Webhook> webhook{};           // likewise
};

/// A job as it is stored.
struct Job : NewJob {
    JobId id;
    JobStatus status{};
    Step step{};
    WallTime step_at{};
    std::optional<QueueReason> wait_reason;  // with Step::wait: scheduled, dependency, retry_backoff, uploading
    int links = 0;                           // link_refers, link_depends, link_awaited, link_checked
    std::vector<JobId> dependants;           // jobs that refer to this one; the first thousand
    std::optional<WallTime> sent_until;      // how long the URLs in it are good
    std::int64_t version = 1;                // rises with every change that a reader can see
    WallTime created_at{};
    WallTime updated_at{};
    std::optional<WallTime> submitted_at;
    std::optional<WallTime> generated_at;
    std::optional<WallTime> finished_at;

    int attempts = 0;            // creates sent
    int counted_attempts = 0;    // of these, the ones that count against max_attempts
    int generation_tries = 0;    // new tasks made after failed generations
    int lost_creates = 0;        // of these, sent again after a lost answer, and never found
    bool calls_back = false;     // its latest create asked for a callback
    std::string task_id;         // "" until known
    std::string endpoint;        // which of the family's endpoint variants made the task; "" for its first
    std::string upstream_state;  // kie.ai's word, for people
    int polls = 0;
    std::optional<WallTime> last_polled_at;
    int download_attempts = 0;

    Billed billed = Billed::no;
    std::optional<double> credits;
    Charge charge{};
    std::optional<JobId> reused_from;  // whose result this is; of an unfinished job: will be
    std::vector<Output> outputs;
    std::optional<boost::json::value> result;
    std::optional<JobError> error;
};

/// One row of a job's history.
struct JobEvent {
    std::int64_t id = 0;
    JobId job;
    std::string name;  // "queued", …, "revived"
    WallTime at{};
    std::string detail;
    /// Since when only the daemon itself stood before it, where that is known: of `submitting`, since when the job was
    /// the next to get a token of the limiter; of what follows `generating`, when the task had ended at kie.ai.
    std::optional<WallTime> since{};
};

}  // namespace genq
