#include "server/store/reuse_key.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

// A job that waits for another's result answers for nobody: that other one does.
constexpr char select_done[] = "SELECT " GENQ_JOB_COLUMNS R"(
    FROM jobs INDEXED BY jobs_reusable WHERE reuse_key = :key AND row > :after AND row <> :self AND status = 'succeeded'
    ORDER BY row DESC LIMIT 1)";
constexpr char select_leading[] = "SELECT " GENQ_JOB_COLUMNS R"(
    FROM jobs INDEXED BY jobs_leading WHERE reuse_key = :key AND row > :after AND row <> :self AND step <> 'none'
    AND reused_from IS NULL
    ORDER BY row DESC LIMIT 1)";
constexpr char select_followers[] = "SELECT " GENQ_JOB_COLUMNS R"(
    FROM jobs WHERE reused_from = :original AND step <> 'none' ORDER BY priority DESC, row)";
constexpr char set_key[] = "UPDATE jobs SET reuse_key = :key WHERE row = :row";
constexpr char set_followers_keys[] = "UPDATE jobs SET reuse_key = :key WHERE reused_from = :id AND step <> 'none'";
constexpr char mark_one[] = "UPDATE jobs SET links = links | 8 WHERE row = :row AND links & 8 = 0";

/// True if those who wait for that job, which has ended, end with it.
bool shares_end(const Job& original) {
    if (original.status == JobStatus::succeeded) return true;
    // Its input is to blame: a second create would meet the same.
    return original.error &&
           (original.error->code == JobErrorCode::rejected || original.error->code == JobErrorCode::generation_failed);
}

Result<std::vector<Job>> followers_of(Write& write, JobId original) {
    auto query = write.db.query(select_followers);
    query.bind(":original", original.text());
    return read_jobs(write.db, query);
}

/// Makes a job that waited for another an ordinary one. It was accepted, so it is not refused for its price now.
void go_on_alone(Write& write, Job& job, const std::string& why) {
    job.reused_from.reset();
    job.credits.reset();
    job.charge.day = budget_day(write.now);
    place_in_queue(write, job);
    save(write, job, {.from = JobStatus::queued, .detail = why, .event = to_string(JobStatus::queued)});
}

}  // namespace

Result<std::optional<Job>> find_original(sql::Connection& db, const std::string& reuse_key, std::int64_t after,
                                         std::int64_t self) {
    for (const char* sql : {select_done, select_leading}) {
        auto query = db.query(sql);
        query.bind(":key", reuse_key).bind(":after", after).bind(":self", self);
        if (!query.step()) continue;
        auto job = read_job(db, query);
        if (!job) return std::unexpected(std::move(job.error()));
        return std::move(*job);
    }
    return std::nullopt;
}

void end_like(Write& write, Job& follower, const Job& original) {
    follower.upstream_state = original.upstream_state;
    if (original.status == JobStatus::succeeded) {
        follower.task_id = original.task_id;
        follower.endpoint = original.endpoint;
        follower.generated_at = write.now;
        follower.outputs = original.outputs;
        follower.result = original.result;
        replace_outputs(write, follower);
    } else {
        follower.error = original.error;
    }
    move_to(follower, original.status, Step::none, {}, write.now);
    save(write, follower, {.from = JobStatus::queued, .detail = "as job " + original.id.text()});
}

void mark_followed(Write& write, JobId original) {
    write.db.query(mark_one).bind(":row", original.row()).run();
}

Result<std::string> record_contents(Write& write, JobId id, const Contents& contents) {
    auto job = load_uploading(write, id);
    if (!job) return std::unexpected(std::move(job.error()));
    job->contents = contents;
    auto key = reuse_key(*job);
    if (key == job->reuse_key) return key;
    write.db.query(set_key).bind(":key", key).bind(":row", id.row()).run();
    // Those who wait for its result are identical to it, still.
    write.db.query(set_followers_keys).bind(":key", key).bind(":id", id.text()).run();
    return key;
}

Result<bool> take_result(Write& write, JobId id, std::int64_t after) {
    auto job = load_uploading(write, id);
    if (!job) return std::unexpected(std::move(job.error()));
    auto original = find_original(write.db, job->reuse_key, after, id.row());
    if (!original) return std::unexpected(std::move(original.error()));
    if (!*original) return false;
    // Those who waited for its result wait for that one now: there are no chains.
    auto all = followers_of(write, id);
    if (!all) return std::unexpected(std::move(all.error()));
    all->insert(all->begin(), std::move(*job));
    const JobId paid = (*original)->reused_from.value_or((*original)->id);
    for (Job& one : *all) {
        one.reused_from = paid;
        one.credits = 0;
        if ((*original)->status == JobStatus::succeeded) {
            end_like(write, one, **original);
        } else {
            place_in_queue(write, one);
            save(write, one, {.from = JobStatus::queued});
        }
    }
    if ((*original)->status != JobStatus::succeeded) mark_followed(write, (*original)->id);
    return true;
}

Result<void> settle_followers(Write& write, const Ended& ended) {
    auto waiting = followers_of(write, ended.id);
    if (!waiting) return std::unexpected(std::move(waiting.error()));
    std::vector<Job>& followers = *waiting;
    if (followers.empty()) return {};
    const auto original = load_job(write.db, ended.id);
    if (!original) return std::unexpected(original.error());
    if (shares_end(*original)) {
        for (auto& follower : followers) end_like(write, follower, *original);
        return {};
    }
    Job& first = followers.front();
    go_on_alone(write, first, "job " + original->id.text() + " ended without a result");
    if (followers.size() > 1) mark_followed(write, first.id);
    for (std::size_t i = 1; i < followers.size(); ++i) {
        followers[i].reused_from = first.id;
        save(write, followers[i], {.from = JobStatus::queued});
    }
    return {};
}

}  // namespace genq::store::sqlite
