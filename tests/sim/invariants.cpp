#include "tests/sim/invariants.hpp"

#include <algorithm>

#include "common/core/rfc3339.hpp"
#include "common/crypto/sha256.hpp"
#include "server/store/sqlite/check.hpp"
#include "tests/sim/kie.hpp"

namespace genq::sim {

using namespace std::chrono_literals;

namespace {

int rank(JobStatus status) {
    switch (status) {
        case JobStatus::queued:
            return 0;
        case JobStatus::submitting:
            return 1;
        case JobStatus::generating:
            return 2;
        case JobStatus::downloading:
            return 3;
        case JobStatus::succeeded:
        case JobStatus::failed:
        case JobStatus::canceled:
            return 4;
    }
    return 4;
}

bool may_be_revived(JobErrorCode code) {
    return code == JobErrorCode::submit_unknown || code == JobErrorCode::generation_timeout ||
           code == JobErrorCode::deadline_exceeded;
}

constexpr auto resumable_shortest_wait = 180s;  // Midjourney's, the shortest of the longest waits

}  // namespace

void Invariants::after_change(const Job& job) {
    const int number = order_in(job.input);
    Order* order = ledger_.find(number);
    require(order != nullptr, "every_job_is_somebodys", "job {} is nobody's", job.id.text());
    require(!order->id || *order->id == job.id, "an_idempotent_request_makes_one_job", "order {} has two jobs", number);
    order->id = job.id;
    ++ledger_.checks;
    ledger_.note(fmt::format("{} {} {} {}", clock_.now().time_since_epoch().count(), number, to_string(job.status),
                             job.version));
    status_never_goes_back(*order, job);
    one_step_and_a_time(job);
    outputs_are_whole(job);
    order->task_id = job.task_id;
    if (order->seen != job.status) {
        if (job.status == JobStatus::failed || job.status == JobStatus::canceled) order->ended_badly = true;
        if (job.status == JobStatus::failed) {
            order->failed_with = job.error->code;
            failures_have_a_cause(*order, job);
        }
        brought_back_.erase(number);
        if (job.status == JobStatus::generating && (order->retry_asked || order->answer_lost)) {
            brought_back_.insert(number);
        }
        if (job.status == JobStatus::submitting) order->answered_at.reset();  // a new create: no answer to it yet
        if (job.status == JobStatus::generating) order->generating_since = clock_.now();
        if (!order->seen) a_full_queue_takes_no_more(*order);
        if (order->seen) --counts_[*order->seen];
        ++counts_[job.status];
        if (order->seen && is_terminal(*order->seen)) order->retry_asked = false;
        order->seen = job.status;
    }
    billed_tells_the_truth(*order, job);
}

void Invariants::status_never_goes_back(const Order& order, const Job& job) const {
    if (!order.seen || order.seen == job.status) return;
    const JobStatus from = *order.seen;
    const bool forward = rank(job.status) > rank(from) && !is_terminal(from);
    const bool not_created = from == JobStatus::submitting && job.status == JobStatus::queued;
    const bool opted_in = from == JobStatus::generating && job.status == JobStatus::queued &&
                          job.generation_tries <= order.job.generation_retries && job.generation_tries > 0;
    const bool retried = is_terminal(from) && order.retry_asked;
    const bool revived = from == JobStatus::failed && may_be_revived(order.failed_with) &&
                         (job.status == JobStatus::downloading || job.status == JobStatus::succeeded) &&
                         (order.tasks > order.failed_tasks ||
                          (job.model == "veo/1080p" && order.failed_tasks == 0));  // which makes none
    require(forward || not_created || opted_in || retried || revived, "status_never_goes_back",
            "order {}: {} became {}", order.number, to_string(from), to_string(job.status));
}

void Invariants::one_step_and_a_time(const Job& job) const {
    static const std::map<Step, JobStatus> steps{{Step::wait, JobStatus::queued},
                                                 {Step::submit, JobStatus::queued},
                                                 {Step::settle, JobStatus::submitting},
                                                 {Step::poll, JobStatus::generating},
                                                 {Step::download, JobStatus::downloading}};
    const char* check = "an_unfinished_job_has_one_step_and_a_time";
    if (is_terminal(job.status)) {
        require(job.step == Step::none, check, "{} has ended and still has a step", job.id.text());
        return;
    }
    const auto step = steps.find(job.step);
    require(step != steps.end() && step->second == job.status, check, "{} is {} with the step {}", job.id.text(),
            to_string(job.status), to_string(job.step));
    // A job that is ready waits for its turn alone.
    require(job.step == Step::submit || to_ms(job.step_at) > 0, check, "{}: the step {} has no time", job.id.text(),
            to_string(job.step));
}

void Invariants::outputs_are_whole(const Job& job) const {
    const char* check = "a_listed_output_is_whole";
    for (const Output& output : job.outputs) {
        require(!output.source_url.contains(forged_file), "no_forged_call_is_believed", "{} has the output {}",
                job.id.text(), output.source_url);
        if (!output.digest) {
            require(job.status != JobStatus::succeeded, check, "{} succeeded without output {}", job.id.text(),
                    output.index);
            continue;
        }
        const auto found = blobs_.synced.find(*output.digest);
        require(found != blobs_.synced.end(), check, "output {} of {} is listed and not on disk", output.index,
                job.id.text());
        require(found->second.size() == output.bytes && crypto::sha256_hex(found->second) == output.digest->hex(),
                check, "output {} of {} is not what its digest says", output.index, job.id.text());
        require(found->second == Kie::media_bytes(output.source_url), check,
                "output {} of {} is not what the media host has: {} bytes", output.index, job.id.text(),
                found->second.size());
    }
}

void Invariants::failures_have_a_cause(const Order& order, const Job& job) const {
    const char* check = "a_failure_has_its_cause";
    const JobErrorCode code = job.error->code;
    const auto demand = [&](bool cause) {
        require(cause, check, "order {} failed as {} for no reason: {} / {}", order.number, to_string(code),
                job.error->message, job.error->upstream_message);
    };
    switch (code) {
        case JobErrorCode::rejected:
            return demand(order.rejections > 0);
        case JobErrorCode::attempts_exhausted:
            return demand(order.server_errors + (ledger_.lost_are_sent_again ? order.lost_answers : 0) >=
                          order.job.max_attempts);
        case JobErrorCode::generation_failed:
            return demand(order.failed_tasks > 0 || order.no_result);
        case JobErrorCode::generation_timeout:
            return demand(order.wall_jumped || (order.generating_since &&
                                                clock_.now() - *order.generating_since >= resumable_shortest_wait));
        case JobErrorCode::download_failed:
            return demand(order.media_gone);
        case JobErrorCode::submit_unknown:
            return demand(order.answer_lost && !is_upgrade(job.model));  // an upgrade is asked for again
        case JobErrorCode::deadline_exceeded:
            return demand(job.deadline_at && clock_.wall_now() >= *job.deadline_at);
        case JobErrorCode::dependency_failed:
            return demand(job.billed == Billed::no && std::ranges::any_of(order.refers_to, [this](int number) {
                              return ledger_.orders.at(number).ended_badly;
                          }));
        case JobErrorCode::upload_failed:
            return demand(false);
    }
}

void Invariants::billed_tells_the_truth(const Order& order, const Job& job) const {
    const char* check = "billed_tells_the_truth";
    if (job.status == JobStatus::generating || job.status == JobStatus::downloading ||
        job.status == JobStatus::succeeded) {
        const Billed due = job.model == "veo/1080p" ? Billed::no : Billed::yes;
        require(job.billed == due, check, "order {} is {} and billed {}", order.number, to_string(job.status),
                to_string(job.billed));
    }
    if (is_terminal(job.status) && job.billed == Billed::no) {
        // A success that shows nothing counts as a failed generation; what kie.ai took for it, it does not say.
        const bool nothing_paid = order.tasks <= order.failed_tasks || order.no_result || order.resubmits > 0;
        require(nothing_paid, check, "order {} is {} and not billed, with {} tasks, {} of them failed: {}",
                order.number, to_string(job.status), order.tasks, order.failed_tasks,
                job.error ? job.error->message : "");
    }
}

void Invariants::a_full_queue_takes_no_more(const Order& order) const {
    const auto most = order.job.admission.caller.max_queued;
    if (most == 0) return;
    const auto waiting = std::ranges::count_if(ledger_.orders, [&order](const auto& entry) {
        const Order& other = entry.second;
        return other.job.caller == order.job.caller && other.seen == JobStatus::queued;
    });
    require(waiting < most, "a_full_queue_takes_no_more", "{} has {} jobs queued and may have {}", order.job.caller,
            waiting + 1, most);
}

void Invariants::batches_are_whole() const {
    for (const auto& [number, batch] : ledger_.batches) {
        const auto stored =
            std::ranges::count_if(batch.orders, [this](int each) { return ledger_.orders.at(each).seen.has_value(); });
        require(stored == 0 || stored == std::ssize(batch.orders), "a_batch_is_whole", "batch {}: {} of {} are there",
                number, stored, batch.orders.size());
    }
}

void Invariants::database_agrees(const std::string& path) {
    const auto check = store::check_database(path);
    const char* name = "the_database_agrees_with_itself";
    require(check.has_value(), name, "{}", check ? "" : check.error().detail);
    require(check->faults.empty(), name, "{}", check->faults.empty() ? "" : check->faults.front());
}

void Invariants::after_reopening(const store::QueueStats& stats) const {
    std::map<JobStatus, std::int64_t> stored;
    for (const auto& row : stats.counts) stored[row.status] += row.jobs;
    for (const JobStatus status : all_job_statuses) {
        const auto seen = counts_.find(status);
        const std::int64_t expected = seen == counts_.end() ? 0 : seen->second;
        require(stored[status] == expected, "no_accepted_job_is_lost", "{} jobs were {} before the crash, {} after it",
                expected, to_string(status), stored[status]);
    }
}

void Invariants::still_there(const Order& order, const Result<Job>& job) const {
    require(job.has_value(), "no_accepted_job_is_lost", "order {} was accepted and is gone", order.number);
    require(job->status == *order.seen, "no_accepted_job_is_lost", "order {} was {} and is {}", order.number,
            to_string(*order.seen), to_string(job->status));
}

void Invariants::of_memory(const engine::Snapshot& snapshot, std::size_t sleepers, int max_tasks) const {
    const char* check = "memory_does_not_grow_with_the_queue";
    constexpr std::int64_t slack = 8;  // jobs whose row has moved on a moment before or after the engine's own count
    require(snapshot.tasks_running <= in_status(JobStatus::generating) + in_status(JobStatus::downloading) + slack,
            check, "{} tasks are watched, {} jobs are generating", snapshot.tasks_running,
            in_status(JobStatus::generating));
    require(snapshot.downloads_running <= 4, check, "{} downloads at once", snapshot.downloads_running);
    require(in_status(JobStatus::generating) <= max_tasks + static_cast<std::int64_t>(brought_back_.size()),
            "no_more_tasks_than_slots", "{} tasks at once, {} slots", in_status(JobStatus::generating), max_tasks);
    require(sleepers <= static_cast<std::size_t>(max_tasks) + 40, check, "{} coroutines sleep", sleepers);
}

std::int64_t Invariants::in_status(JobStatus status) const {
    const auto found = counts_.find(status);
    return found == counts_.end() ? 0 : found->second;
}

std::int64_t Invariants::unfinished() const {
    return in_status(JobStatus::queued) + in_status(JobStatus::submitting) + in_status(JobStatus::generating) +
           in_status(JobStatus::downloading);
}

}  // namespace genq::sim
