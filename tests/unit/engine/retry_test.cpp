#include "tests/unit/engine/engine_fixture.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;
using test::Fault;

/// Where a retry takes a job up, and what an end costs in each state.
class RetryTest : public EngineTest {
  protected:
    [[nodiscard]] bool retry(JobId id, bool resubmit = false) {
        store::RetryOptions again;
        again.resubmit = resubmit;
        again.next_poll_at = clock.wall_now();
        const bool taken = run(store->retry(id, again, std::nullopt)).has_value();
        if (taken) {
            engine->job_changed(id);
            engine->wake();
        }
        return taken;
    }
    void cancel(JobId id) {
        ASSERT_TRUE(run(store->cancel(id)));
        engine->job_changed(id);
    }
    JobId fails_with(JobErrorCode code, std::chrono::milliseconds limit = 30min) {
        const JobId id = accept();
        EXPECT_TRUE(reaches(id, JobStatus::failed, limit));
        EXPECT_EQ(get(id).error->code, code);
        return id;
    }
    NewJob hurried(std::chrono::seconds by) {
        NewJob job = market_job();
        job.deadline_at = clock.wall_now() + by;
        return job;
    }
};

TEST_F(RetryTest, of_a_failed_download_downloads_again) {
    start();
    kie.media_statuses = {404};
    const JobId id = fails_with(JobErrorCode::download_failed);
    const std::size_t asked = kie.paths.size();
    ASSERT_TRUE(retry(id));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 5min));
    EXPECT_EQ(kie.paths.size(), asked) << "kie.ai is not asked at all";
}

TEST_F(RetryTest, of_a_canceled_download_downloads_again_while_the_first_still_stops) {
    start();
    for (const bool is_expired : {false, true}) {
        SCOPED_TRACE(is_expired);
        kie.media_statuses.assign(is_expired ? 50 : 1, 503);
        const int before = kie.downloads;
        const JobId id = accept(is_expired ? hurried(25s) : market_job());
        ASSERT_TRUE(run_until([&] { return kie.downloads > before; }, 1min)) << "and it waits for the next try";
        if (is_expired) {
            ASSERT_TRUE(reaches(id, JobStatus::failed, 30s));
            kie.media_statuses.clear();
        } else {
            cancel(id);
        }
        ASSERT_TRUE(retry(id));
        ASSERT_TRUE(reaches(id, JobStatus::succeeded, 5min)) << to_string(get(id).status);
        EXPECT_EQ(get(id).outputs.size(), 1U);
    }
}

TEST_F(RetryTest, of_a_canceled_generation_asks_for_its_task) {
    start();
    kie.duration = 30s;
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::generating));
    cancel(id);
    EXPECT_EQ(get(id).billed, Billed::yes);
    ASSERT_TRUE(retry(id));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(RetryTest, of_what_failed_before_a_task_existed_queues_it) {
    start();
    kie.create_answers.push_back(R"({"code":422,"msg":"no","data":null})");
    const JobId rejected = fails_with(JobErrorCode::rejected);
    ASSERT_TRUE(retry(rejected));
    ASSERT_TRUE(reaches(rejected, JobStatus::succeeded));
    for (int i = 0; i < 5; ++i) kie.create_answers.push_back(R"({"code":500,"msg":"Server Error","data":null})");
    const JobId exhausted = fails_with(JobErrorCode::attempts_exhausted, 1h);
    ASSERT_TRUE(retry(exhausted));
    EXPECT_EQ(get(exhausted).attempts, 0) << "attempts start over";
    ASSERT_TRUE(reaches(exhausted, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 2U);
}

TEST_F(RetryTest, of_a_failed_generation_pays_anew_and_only_when_told_to) {
    start();
    kie.next_task_fails = true;
    kie.next_fail_message = "Invalid prompt";
    const JobId id = fails_with(JobErrorCode::generation_failed);
    EXPECT_FALSE(retry(id));
    ASSERT_TRUE(retry(id, true));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 2U);
}

TEST_F(RetryTest, of_an_unknown_create_pays_anew_and_only_when_told_to) {
    start();
    kie.create_faults = {Fault::lose_answer};
    const JobId id = fails_with(JobErrorCode::submit_unknown);
    EXPECT_EQ(get(id).billed, Billed::unknown);
    EXPECT_FALSE(retry(id));
    EXPECT_EQ(kie.creates(), 1U);
    ASSERT_TRUE(retry(id, true));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 2U);
}

TEST_F(RetryTest, of_a_job_past_its_deadline_goes_on_where_it_was_without_one) {
    start();
    kie.duration = 60s;
    const JobId id = accept(hurried(20s));
    ASSERT_TRUE(reaches(id, JobStatus::failed));
    ASSERT_TRUE(retry(id));
    EXPECT_FALSE(get(id).deadline_at);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 1U);
}

/// The states in which a job can be ended from outside, and what it costs then.
struct End {
    const char* state;
    JobStatus status;
    Billed at_once;
    Billed in_the_end;
};
constexpr End ends[] = {
    {"queued", JobStatus::queued, Billed::no, Billed::no},
    {"submitting", JobStatus::submitting, Billed::unknown, Billed::yes},
    {"generating", JobStatus::generating, Billed::yes, Billed::yes},
    {"downloading", JobStatus::downloading, Billed::yes, Billed::yes},
};

TEST_F(RetryTest, a_cancellation_costs_what_was_spent_by_then) {
    for (const End& end : ends) {
        SCOPED_TRACE(end.state);
        if (!engine) start();
        kie.latency = end.status == JobStatus::submitting ? 4s : 200ms;
        blobs.full = end.status == JobStatus::downloading;
        if (end.status == JobStatus::queued) {
            ASSERT_TRUE(run(engine->pause({})));
        }
        const JobId id = accept();
        ASSERT_TRUE(reaches(id, end.status, 2min));
        cancel(id);
        EXPECT_EQ(get(id).billed, end.at_once);
        ASSERT_TRUE(run(engine->resume("")));
        blobs.full = false;
        advance(30s);
        EXPECT_EQ(get(id).status, JobStatus::canceled);
        EXPECT_EQ(get(id).billed, end.in_the_end);
    }
}

TEST_F(RetryTest, a_deadline_costs_what_was_spent_by_then) {
    for (const End& end : ends) {
        SCOPED_TRACE(end.state);
        if (!engine) start();
        kie.latency = end.status == JobStatus::submitting ? 8s : 200ms;
        kie.duration = end.status == JobStatus::generating ? 120s : 5s;
        blobs.full = end.status == JobStatus::downloading;
        if (end.status == JobStatus::queued) {
            ASSERT_TRUE(run(engine->pause({})));
        }
        const bool in_flight = end.status == JobStatus::submitting;
        const JobId id = accept(hurried(in_flight ? 4s : 25s));
        ASSERT_TRUE(reaches(id, end.status, 20s));
        ASSERT_TRUE(reaches(id, JobStatus::failed, 1min));
        EXPECT_EQ(get(id).error->code, JobErrorCode::deadline_exceeded);
        EXPECT_EQ(get(id).billed, end.at_once);
        ASSERT_TRUE(run(engine->resume("")));
        blobs.full = false;
        advance(30s);
        EXPECT_EQ(get(id).status, JobStatus::failed);
        EXPECT_EQ(get(id).billed, end.in_the_end);
    }
}

TEST_F(RetryTest, a_refusal_of_a_create_that_was_canceled_in_flight_costs_nothing) {
    start();
    kie.latency = 4s;
    kie.create_answers.push_back(R"({"code":422,"msg":"no","data":null})");
    const JobId id = accept();
    advance(1s);
    cancel(id);
    EXPECT_EQ(get(id).billed, Billed::unknown);
    advance(10s);
    EXPECT_EQ(get(id).status, JobStatus::canceled);
    EXPECT_EQ(get(id).billed, Billed::no);
}

TEST_F(RetryTest, new_generations_end_at_their_number_and_follow_passing_failures_only) {
    start();
    kie.next_task_fails = true;
    kie.next_fail_message = "Invalid prompt";
    kie.next_fail_code = 422;
    NewJob wanted = market_job();
    wanted.generation_retries = 2;
    const JobId refused = accept(wanted);
    ASSERT_TRUE(reaches(refused, JobStatus::failed));
    EXPECT_EQ(kie.creates(), 1U) << "the input is to blame: a new task would fail too";

    kie.next_fail_message = "internal error, please try again later.";
    kie.next_fail_code = 500;
    const JobId id = accept(wanted);
    for (int task = 2; task <= 4; ++task) {
        kie.next_task_fails = true;
        ASSERT_TRUE(run_until([&] { return kie.creates() == static_cast<std::size_t>(task); }, 20min)) << task;
    }
    ASSERT_TRUE(reaches(id, JobStatus::failed, 20min));
    EXPECT_EQ(get(id).error->code, JobErrorCode::generation_failed);
    EXPECT_EQ(get(id).generation_tries, 2);
    EXPECT_EQ(get(id).billed, Billed::no);
    advance(1h);
    EXPECT_EQ(kie.creates(), 4U);
}

TEST_F(RetryTest, a_task_that_runs_on_unwatched_keeps_its_slot_until_its_likely_end) {
    options.max_concurrent_tasks = 1;
    start();
    kie.next_task_stuck = true;
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::generating));
    cancel(id);
    const JobId next = accept();
    advance(20s);
    EXPECT_EQ(kie.creates(), 1U);
    ASSERT_TRUE(reaches(next, JobStatus::succeeded, 5min));

    kie.create_faults = {Fault::lose_answer};
    fails_with(JobErrorCode::submit_unknown);
    const JobId after = accept();
    advance(20s);
    EXPECT_EQ(kie.creates(), 3U) << "the lost one may run";
    ASSERT_TRUE(reaches(after, JobStatus::succeeded, 5min));
}

TEST_F(RetryTest, the_cheapest_job_tries_whether_there_are_credits_again) {
    options.limit_requests = 1;
    options.limit_window = 1s;
    start();
    ASSERT_TRUE(run(engine->pause({})));
    NewJob dear = market_job();
    dear.admission.price = 9'000;
    dear.priority = 50;
    const JobId urgent = accept(std::move(dear));
    NewJob cheap = market_job();
    cheap.admission.price = 8'000;
    cheap.caller = "zoe";
    cheap.priority = -5;
    const JobId cheapest = accept(std::move(cheap));
    for (int i = 0; i < 2; ++i) kie.create_answers.push_back(R"({"code":402,"msg":"Insufficient Credits"})");
    ASSERT_TRUE(run(engine->resume("")));
    advance(1min);
    EXPECT_EQ(get(urgent).attempts, 1) << "it was first while nothing was held";
    EXPECT_EQ(get(cheapest).attempts, 0);
    advance(5min);
    EXPECT_EQ(get(urgent).attempts, 1);
    EXPECT_EQ(get(cheapest).attempts, 1);
    ASSERT_TRUE(reaches(cheapest, JobStatus::succeeded, 20min));
    ASSERT_TRUE(reaches(urgent, JobStatus::succeeded, 20min));
}

TEST_F(RetryTest, upgrades_of_videos_queue_behind_other_creates) {
    options.limit_requests = 1;
    options.limit_window = 1s;
    start();
    ASSERT_TRUE(run(engine->pause({})));
    NewJob upgrade = market_job("veo/4k");
    upgrade.family = Family::veo;
    upgrade.input = R"({"taskId":"t"})";
    upgrade.priority = 100;
    accept(std::move(upgrade));
    accept();
    accept();
    ASSERT_TRUE(run(engine->resume("")));
    ASSERT_TRUE(run_until([&] { return kie.paths.size() >= 8; }, 2min));
    std::vector<std::string> creates;
    for (const auto& request : kie.requests) {
        if (request.method == "POST") creates.push_back(request.url.substr(request.url.rfind('/') + 1));
    }
    ASSERT_GE(creates.size(), 3U);
    creates.resize(3);
    EXPECT_EQ(creates, (std::vector<std::string>{"createTask", "createTask", "get-4k-video"}));
}

}  // namespace
}  // namespace genq::engine
