#include "tests/unit/engine/engine_fixture.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;

class PollingTest : public EngineTest {};

TEST_F(PollingTest, asks_not_before_the_kinds_first_wait_and_not_more_often_than_its_interval) {
    start();
    kie.duration = 14s;
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    ASSERT_GE(kie.arrivals.size(), 3U);
    EXPECT_GE(kie.arrivals[1] - kie.arrivals[0], 3s);
    for (std::size_t i = 2; i < kie.arrivals.size(); ++i) EXPECT_GE(kie.arrivals[i] - kie.arrivals[i - 1], 3s);
    EXPECT_LE(kie.arrivals.size(), 6U);
}

TEST_F(PollingTest, learns_when_a_models_tasks_are_done_and_keeps_it_over_a_restart) {
    start();
    kie.duration = 40s;
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(reaches(accept(), JobStatus::succeeded));
    const auto looks = [this] {
        const std::size_t before = kie.arrivals.size();
        const JobId id = accept();
        EXPECT_TRUE(reaches(id, JobStatus::succeeded));
        return std::vector<SteadyTime>(kie.arrivals.begin() + static_cast<std::ptrdiff_t>(before), kie.arrivals.end());
    };
    const auto learnt = looks();
    EXPECT_GE(learnt[1] - learnt[0], 12s) << "hardly one can be done before";
    EXPECT_LE(learnt.size(), 7U);
    EXPECT_LE(learnt.back() - learnt.front(), 45s) << "it is noticed soon";
    crash();
    start();
    advance(25s);
    const auto after = looks();
    EXPECT_GE(after[1] - after[0], 12s);
    EXPECT_NEAR(engine->snapshot()->durations->at("google/imagen4")->law.quantile(0.5), 40, 4);
}

TEST_F(PollingTest, notes_since_when_only_the_daemon_stood_before_a_jobs_next_step) {
    options.limit_requests = 2;
    start();
    kie.duration = 14s;
    kie.tells_times = true;
    const JobId first = accept();
    (void)accept();
    const JobId third = accept();
    ASSERT_TRUE(reaches(third, JobStatus::succeeded));
    kie.next_task_fails = true;
    const JobId failing = accept();
    ASSERT_TRUE(reaches(failing, JobStatus::failed));
    const auto event = [this](JobId id, std::string_view name) {
        for (const auto& one : run(store->events(id)).value()) {
            if (one.name == name) return one;
        }
        return JobEvent{};
    };
    EXPECT_EQ(event(first, "submitting").since, get(first).created_at) << "it was the next at once";
    const auto waited = event(third, "submitting");
    ASSERT_TRUE(waited.since);
    EXPECT_GE(waited.at - *waited.since, 9s) << "both tokens were out";
    EXPECT_GE(*waited.since, get(third).created_at);
    for (const auto& [id, name] : {std::pair(first, "downloading"), {third, "downloading"}, {failing, "failed"}}) {
        const auto noticed = event(id, name);
        ASSERT_TRUE(noticed.since) << name;
        EXPECT_NEAR(static_cast<double>((*noticed.since - *get(id).submitted_at) / 1ms), 14'000, 300);
        EXPECT_LE(*noticed.since, noticed.at);
    }
}

TEST_F(PollingTest, asks_the_catalogue_for_the_seconds_of_a_model_not_seen_yet) {
    expected = [](std::string_view model, double longest_wait) {
        return model == "google/imagen4" ? polling::Prior{60, 90, longest_wait} : polling::Prior{};
    };
    start();
    kie.duration = 70s;
    const JobId id = accept();
    advance(15s);
    EXPECT_GE(engine->snapshot()->durations->at("google/imagen4")->law.quantile(0.5), 60);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
}

TEST_F(PollingTest, stores_when_it_asks_next_so_that_a_restart_goes_on_from_there) {
    start();
    kie.next_task_stuck = true;
    const JobId id = accept();
    advance(20s);
    const Job before = get(id);
    EXPECT_EQ(before.step, Step::poll);
    EXPECT_GT(before.step_at, clock.wall_now());
    EXPECT_LT(before.step_at, clock.wall_now() + 75s);
    crash();
    advance(5min);
    const std::size_t asked = kie.asked_for_jobs();
    start();
    advance(500ms);
    EXPECT_EQ(kie.asked_for_jobs(), asked) << "the limiter starts empty";
    advance(25s);
    EXPECT_EQ(kie.asked_for_jobs(), asked + 1) << "what was due meanwhile does not wait for its law";
}

TEST_F(PollingTest, a_backlog_completes_at_nine_tenths_of_the_bound) {
    options.download_concurrency = 100;
    start();
    for (int i = 0; i < 600; ++i) accept();
    const auto run_for = [this](std::chrono::seconds time) {
        for (const SteadyTime end = clock.now() + time; clock.now() < end; advance(500ms)) {
            kie.duration = 10s + std::chrono::milliseconds(random.below(60'000));
        }
        return run(store->stats()).value();
    };
    const auto done = [](const store::QueueStats& stats) {
        std::int64_t jobs = 0;
        for (const auto& row : stats.counts) jobs += row.status == JobStatus::succeeded ? row.jobs : 0;
        return jobs;
    };
    const auto before = done(run_for(3min));
    const auto after = done(run_for(5min));
    EXPECT_GE(after - before, 5 * 54) << "of at most 60 a minute";
    EXPECT_LE(kie.busiest(10s), 20U);
}

TEST_F(PollingTest, gives_up_after_the_longest_wait_and_a_retry_asks_for_the_same_task) {
    start();
    kie.next_task_stuck = true;
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::failed, 20min));
    EXPECT_EQ(get(id).error->code, JobErrorCode::generation_timeout);
    EXPECT_EQ(get(id).billed, Billed::yes);
    const std::size_t asked = kie.asked_for_jobs();
    EXPECT_LE(asked, 60U);

    kie.tasks.at("task_1").stuck = false;
    store::RetryOptions again;
    again.next_poll_at = clock.wall_now();
    ASSERT_TRUE(run(store->retry(id, again, std::nullopt)));
    engine->job_changed(id);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 1min));
    EXPECT_EQ(kie.creates(), 1U) << "nothing was paid twice";
}

TEST_F(PollingTest, gives_a_task_time_to_become_visible) {
    start();
    for (int i = 0; i < 20; ++i) kie.query_answers.push_back(R"({"code":422,"msg":"recordInfo is null","data":null})");
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
}

TEST_F(PollingTest, believes_after_a_while_that_a_task_is_unknown) {
    start();
    for (int i = 0; i < 200; ++i) kie.query_answers.push_back(R"({"code":422,"msg":"recordInfo is null","data":null})");
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::failed));
    EXPECT_EQ(get(id).error->code, JobErrorCode::generation_failed);
}

TEST_F(PollingTest, failed_queries_change_nothing) {
    start();
    for (int i = 0; i < 6; ++i) kie.query_answers.push_back("<html>");
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(PollingTest, takes_an_unknown_state_word_for_pending) {
    start();
    kie.query_answers.push_back(R"({"code":200,"msg":"success","data":{"taskId":"task_1","state":"dreaming"}})");
    const JobId id = accept();
    for (int i = 0; i < 200 && get(id).polls == 0; ++i) advance(100ms);
    EXPECT_EQ(get(id).upstream_state, "dreaming");
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
}

TEST_F(PollingTest, a_failed_generation_fails_the_job_and_is_not_billed) {
    start();
    kie.next_task_fails = true;
    kie.next_fail_code = 422;
    kie.next_fail_message = "Invalid prompt";
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::failed));
    const Job job = get(id);
    EXPECT_EQ(job.error->code, JobErrorCode::generation_failed);
    EXPECT_EQ(job.polls, 1);
    EXPECT_TRUE(job.last_polled_at);
    EXPECT_EQ(job.error->upstream_code, 422);
    EXPECT_EQ(job.error->upstream_message, "Invalid prompt");
    EXPECT_EQ(job.billed, Billed::no);
    advance(1h);
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(PollingTest, makes_a_new_task_after_a_passing_failure_only_where_the_caller_asked_for_it) {
    start();
    kie.next_task_fails = true;
    NewJob wanted = market_job();
    wanted.generation_retries = 1;
    const JobId id = accept(std::move(wanted));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 20min));
    EXPECT_EQ(kie.creates(), 2U);
    EXPECT_EQ(get(id).task_id, "task_2");
}

TEST_F(PollingTest, asks_again_when_success_has_no_output_and_fails_in_the_end) {
    start();
    kie.result_json = R"({"resultUrls":[]})";
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::failed));
    EXPECT_EQ(get(id).error->code, JobErrorCode::generation_failed);
    EXPECT_GE(kie.asked_for_jobs(), 6U);
}

TEST_F(PollingTest, keeps_a_result_that_is_not_a_file) {
    start();
    kie.result_json = R"({"resultObject":{"text":"hello world"}})";
    const JobId id = accept("elevenlabs/speech-to-text");
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    ASSERT_TRUE(get(id).result);
    EXPECT_EQ(kie.downloads, 0) << "nothing is fetched: its files are written";
}

TEST_F(PollingTest, stops_asking_for_a_canceled_job_but_keeps_its_slot_for_a_while) {
    options.max_concurrent_tasks = 1;
    start();
    kie.next_task_stuck = true;
    const JobId id = accept();
    advance(10s);
    ASSERT_TRUE(run(store->cancel(id)));
    engine->job_changed(id);
    const std::size_t asked = kie.asked_for_jobs();
    const JobId next = accept();
    advance(60s);
    EXPECT_EQ(kie.asked_for_jobs(), asked);
    ASSERT_TRUE(reaches(next, JobStatus::succeeded));
}

}  // namespace
}  // namespace genq::engine
