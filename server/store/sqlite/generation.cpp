#include <algorithm>

#include "server/store/retry_rules.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

/// The job, if it is in the status that the operation starts from.
Result<Job> load_in(Write& write, JobId id, JobStatus wanted) {
    auto job = load_job(write.db, id);
    if (job && job->status != wanted) {
        return fail(errc::conflict, "job " + id.text() + " is " + std::string(to_string(job->status)) + ", not " +
                                        std::string(to_string(wanted)));
    }
    return job;
}

/// Writes down what the task made and moves the job on: to its downloads, or to its end when there are none.
void take_result(Write& write, Job& job, const Generated& generated) {
    job.upstream_state = generated.upstream_state;
    job.generated_at = write.now;
    job.result = generated.result;
    if (generated.credits) {
        job.credits = generated.credits;
        // What came for nothing tells no price: jobs after it would reserve nothing.
        if (*generated.credits > 0) save_price(write, job.model, *generated.credits);
    }
    job.outputs.clear();
    for (const auto& output : generated.outputs) {
        Output listed;
        listed.index = output.index;
        listed.source_url = output.source_url;
        listed.role = output.role;
        job.outputs.push_back(std::move(listed));
    }
    if (job.outputs.empty()) {
        move_to(job, JobStatus::succeeded, Step::none, {}, write.now);
    } else {
        job.download_attempts = 0;
        move_to(job, JobStatus::downloading, Step::download, write.now, write.now);
    }
    replace_outputs(write, job);
}

}  // namespace

Result<void> record_poll(Write& write, const Polled& polled) {
    auto job = load_in(write, polled.id, JobStatus::generating);
    if (!job) return std::unexpected(std::move(job.error()));
    job->step_at = polled.next_poll_at;
    bool visible = false;
    if (polled.counts) {
        ++job->polls;
        job->last_polled_at = write.now;
        visible = job->upstream_state != polled.upstream_state;
        job->upstream_state = polled.upstream_state;
    }
    save(write, *job, {.from = JobStatus::generating, .version_step = visible ? 1 : 0});
    return {};
}

Result<void> record_generated(Write& write, const Generated& generated) {
    auto job = load_in(write, generated.id, JobStatus::generating);
    if (!job) return std::unexpected(std::move(job.error()));
    if (generated.polled) {
        ++job->polls;
        job->last_polled_at = write.now;
    }
    take_result(write, *job, generated);
    save(write, *job, {.from = JobStatus::generating, .since = generated.ended_at});
    if (generated.learnt) save_durations(write, *generated.learnt);
    return {};
}

Result<void> record_revived(Write& write, const Generated& generated) {
    auto job = load_in(write, generated.id, JobStatus::failed);
    if (!job) return std::unexpected(std::move(job.error()));
    if (!is_revivable(*job)) return fail(errc::conflict, "job " + generated.id.text() + " has failed for good");
    job->error.reset();
    job->deadline_at.reset();  // it is past, or was for a task given up
    if (job->billed == Billed::unknown) job->billed = Billed::yes;
    take_result(write, *job, generated);
    add_event(write, *job, "revived", "its task succeeded after all");
    tell(write, *job, "revived");
    stop_late_watch(write, generated.id);
    save(write, *job, {.from = JobStatus::failed, .retry = true});
    return {};
}

Result<void> record_new_generation(Write& write, JobId id, std::optional<WallTime> not_before,
                                   std::optional<double> credits, const std::string& detail) {
    auto job = load_in(write, id, JobStatus::generating);
    if (!job) return std::unexpected(std::move(job.error()));
    job->billed = credits.value_or(0) > 0 ? Billed::yes : Billed::no;
    job->credits = credits;
    const Millicredits price = job->charge.estimate;
    book(write, *job, closed_charge(*job));
    job->charge.estimate = price;
    job->credits.reset();
    ++job->generation_tries;
    job->task_id.clear();
    job->endpoint.clear();
    job->upstream_state.clear();
    job->submitted_at.reset();
    job->billed = unpaid(*job);
    if (not_before) {
        move_to(*job, JobStatus::queued, Step::wait, *not_before, write.now);
        job->wait_reason = QueueReason::retry_backoff;
    } else {
        move_to(*job, JobStatus::queued, Step::submit, {}, write.now);
    }
    save(write, *job, {.from = JobStatus::generating, .detail = detail});
    return {};
}

Result<void> record_fresh_urls(Write& write, JobId id, const std::vector<Output>& outputs) {
    auto job = load_in(write, id, JobStatus::downloading);
    if (!job) return std::unexpected(std::move(job.error()));
    for (auto& listed : job->outputs) {
        if (listed.source_url.empty()) continue;  // written from the result
        const auto fresh = std::ranges::find(outputs, listed.index, &Output::index);
        if (!listed.digest && fresh != outputs.end()) listed.source_url = fresh->source_url;
    }
    replace_outputs(write, *job);
    return {};
}

Result<JobStatus> record_output(Write& write, JobId id, const Output& output) {
    auto job = load_in(write, id, JobStatus::downloading);
    if (!job) return std::unexpected(std::move(job.error()));
    const auto listed = std::ranges::find(job->outputs, output.index, &Output::index);
    if (listed == job->outputs.end() || !output.digest) {
        return fail(errc::invalid_argument, "job " + id.text() + " lists no output " + std::to_string(output.index) +
                                                ", or it came without its digest");
    }
    listed->digest = output.digest;
    listed->bytes = output.bytes;
    listed->media_type = output.media_type;
    listed->filename = output.filename;
    const bool all = std::ranges::all_of(job->outputs, [](const Output& one) { return one.digest.has_value(); });
    if (all) move_to(*job, JobStatus::succeeded, Step::none, {}, write.now);
    replace_outputs(write, *job);
    save(write, *job, {.from = JobStatus::downloading});
    return job->status;
}

Result<void> record_download_retry(Write& write, JobId id, WallTime at, const std::string& detail) {
    auto job = load_in(write, id, JobStatus::downloading);
    if (!job) return std::unexpected(std::move(job.error()));
    ++job->download_attempts;
    job->step_at = at;
    // Nothing that the job shows changes, but its history should tell why it takes so long.
    save(write, *job,
         {.from = JobStatus::downloading,
          .version_step = 0,
          .detail = detail,
          .event = to_string(JobStatus::downloading)});
    return {};
}

}  // namespace genq::store::sqlite
