#include "tests/unit/engine/engine_fixture.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;
using test::Fault;

class Submission : public EngineTest {};

TEST_F(Submission, takes_a_job_from_the_queue_to_its_stored_output) {
    start();
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    const Job job = get(id);
    EXPECT_EQ(job.task_id, "task_1");
    EXPECT_EQ(job.billed, Billed::yes);
    EXPECT_EQ(job.credits, 8);
    ASSERT_EQ(job.outputs.size(), 1U);
    EXPECT_EQ(job.outputs[0].media_type, "image/png");
    EXPECT_EQ(job.outputs[0].filename, id.text() + "-0.png");
    EXPECT_EQ(blobs.blobs.at(*job.outputs[0].digest), kie.media);
    EXPECT_EQ(kie.requests[0].headers.get("Authorization"), "Bearer test-key");
    EXPECT_EQ(kie.requests[0].body, R"({"model":"google/imagen4","input":{"prompt":"a lake"}})");
}

TEST_F(Submission, keeps_the_intent_on_disk_before_the_request_arrives) {
    start();
    kie.latency = 2s;
    const JobId id = accept();
    advance(500ms);
    EXPECT_TRUE(kie.arrivals.empty());
    const Job job = get(id);
    EXPECT_EQ(job.status, JobStatus::submitting);
    EXPECT_EQ(job.attempts, 1);
    EXPECT_EQ(job.billed, Billed::unknown);
}

TEST_F(Submission, never_sends_a_create_again_whose_answer_was_lost) {
    for (const Fault fault : {Fault::lose_answer, Fault::lose_request, Fault::empty_answer, Fault::html_answer}) {
        if (!engine) start();
        const std::size_t before = kie.creates();
        kie.create_faults = {fault};
        const JobId id = accept();
        ASSERT_TRUE(reaches(id, JobStatus::failed)) << static_cast<int>(fault);
        const Job job = get(id);
        EXPECT_EQ(job.error->code, JobErrorCode::submit_unknown);
        EXPECT_EQ(job.billed, Billed::unknown);
        advance(10min);
        EXPECT_LE(kie.creates(), before + 1) << static_cast<int>(fault);
    }
}

TEST_F(Submission, waits_for_proof_as_long_as_it_was_told_to) {
    options.unknown_grace = 120s;
    start();
    kie.create_faults = {Fault::lose_answer};
    const JobId id = accept();
    advance(100s);
    EXPECT_EQ(get(id).status, JobStatus::submitting);
    ASSERT_TRUE(reaches(id, JobStatus::failed, 30s));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(Submission, sends_a_lost_create_again_only_where_the_operator_said_so) {
    options.on_unknown = OnUnknown::resubmit;
    start();
    kie.create_faults = {Fault::lose_answer};
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 2U);
}

TEST_F(Submission, keeps_unknown_what_a_lost_create_cost_until_its_task_is_found) {
    start();
    NewJob upgrade = market_job("veo/4k");
    upgrade.family = Family::veo;
    upgrade.input = R"({"taskId":"t"})";
    upgrade.deadline_at = clock.wall_now() + 1s;
    kie.create_faults = {Fault::lose_answer};
    const JobId id = accept(std::move(upgrade));
    ASSERT_TRUE(run_until([&] { return get(id).attempts == 1 && get(id).status != JobStatus::submitting; }, 10s));
    EXPECT_EQ(get(id).billed, Billed::unknown);
    ASSERT_TRUE(reaches(id, JobStatus::failed, 10s));
    EXPECT_EQ(get(id).error->code, JobErrorCode::deadline_exceeded);
    EXPECT_EQ(get(id).billed, Billed::unknown);
}

TEST_F(Submission, knows_no_bill_of_a_job_whose_lost_create_was_repeated_and_refused) {
    options.on_unknown = OnUnknown::resubmit;
    start();
    kie.create_faults = {Fault::lose_answer};
    const JobId id = accept();
    ASSERT_TRUE(run_until([&] { return get(id).attempts == 1 && get(id).status == JobStatus::queued; }, 10s));
    kie.create_answers.push_back(R"({"code":422,"msg":"no","data":null})");
    ASSERT_TRUE(reaches(id, JobStatus::failed));
    EXPECT_EQ(get(id).error->code, JobErrorCode::rejected);
    EXPECT_EQ(get(id).billed, Billed::unknown);
}

TEST_F(Submission, tries_again_without_counting_when_the_request_cannot_have_arrived) {
    start();
    kie.create_faults = {Fault::refuse_connection, Fault::nothing_written};
    NewJob wanted = market_job();
    wanted.max_attempts = 1;
    const JobId id = accept(std::move(wanted));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 1U);
    EXPECT_EQ(get(id).counted_attempts, 0);
}

TEST_F(Submission, backs_off_from_server_errors_and_gives_up_after_max_attempts) {
    start();
    NewJob wanted = market_job();
    wanted.max_attempts = 3;
    for (int i = 0; i < 3; ++i) kie.create_answers.push_back(R"({"code":500,"msg":"Server Error","data":null})");
    const JobId id = accept(std::move(wanted));
    ASSERT_TRUE(reaches(id, JobStatus::failed, 30min));
    const Job job = get(id);
    EXPECT_EQ(job.error->code, JobErrorCode::attempts_exhausted);
    EXPECT_EQ(job.error->upstream_code, 500);
    EXPECT_EQ(job.billed, Billed::no);
    EXPECT_EQ(job.attempts, 3);
    EXPECT_EQ(kie.creates(), 0U);
}

TEST_F(Submission, fails_what_kie_refuses_with_its_words) {
    start();
    kie.create_answers.push_back(R"({"code":422,"msg":"prompt is too long","data":null})");
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::failed));
    const Job job = get(id);
    EXPECT_EQ(job.error->code, JobErrorCode::rejected);
    EXPECT_EQ(job.error->upstream_message, "prompt is too long");
    EXPECT_EQ(job.billed, Billed::no);
}

TEST_F(Submission, holds_everything_for_a_window_after_a_429_and_counts_no_attempt) {
    start();
    kie.create_answers.push_back(R"({"code":429,"msg":"Rate limit exceeded"})");
    NewJob wanted = market_job();
    wanted.max_attempts = 1;
    const JobId id = accept(std::move(wanted));
    advance(5s);
    EXPECT_EQ(get(id).status, JobStatus::queued);
    EXPECT_EQ(kie.arrivals.size(), 1U);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_GE(kie.arrivals[1] - kie.arrivals[0], 10s);
}

TEST_F(Submission, holds_all_creates_while_the_key_is_refused_and_goes_on_by_itself) {
    start();
    kie.create_answers.push_back(R"({"code":401,"msg":"You do not have access permissions"})");
    kie.credit_answer = R"({"code":401,"msg":"You do not have access permissions"})";
    const JobId first = accept();
    advance(5s);
    const JobId second = accept();
    advance(2min);
    EXPECT_EQ(get(first).status, JobStatus::queued);
    EXPECT_EQ(get(second).status, JobStatus::queued);
    EXPECT_EQ(kie.creates(), 0U);
    EXPECT_EQ(engine->snapshot()->reason, QueueReason::upstream_auth);
    EXPECT_FALSE(engine->snapshot()->upstream_ok);
    kie.credit_answer = R"({"code":200,"msg":"success","data":100})";
    ASSERT_TRUE(reaches(first, JobStatus::succeeded));
    ASSERT_TRUE(reaches(second, JobStatus::succeeded));
}

TEST_F(Submission, shows_a_balance_with_the_time_it_was_asked_for) {
    start();
    ASSERT_EQ(run(engine->credits()), 100);
    advance(40s);
    kie.credit_answer = R"({"code":200,"msg":"success","data":50.5})";
    ASSERT_EQ(run(engine->credits()), 50.5);
    EXPECT_EQ(engine->snapshot()->credits, 50.5);
    EXPECT_LT(clock.wall_now() - *engine->snapshot()->credits_at, 1s);
}

TEST_F(Submission, holds_for_credits_until_the_balance_rises) {
    kie.credit_answer = R"({"code":200,"msg":"success","data":10000})";
    start();
    ASSERT_EQ(run(engine->credits()), 10'000);
    kie.credit_answer = R"({"code":200,"msg":"success","data":3})";
    kie.create_answers.push_back(R"({"code":402,"msg":"Insufficient Credits","data":null})");
    const JobId id = accept();
    advance(2min);
    EXPECT_EQ(get(id).status, JobStatus::queued);
    EXPECT_EQ(engine->snapshot()->reason, QueueReason::credits);
    EXPECT_EQ(kie.creates(), 0U);
    kie.credit_answer = R"({"code":200,"msg":"success","data":5000})";
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 2min));
}

TEST_F(Submission, opens_the_breaker_in_an_outage_and_closes_it_by_probes) {
    start();
    const auto accepted = std::vector<JobId>{accept(), accept(), accept(), accept(), accept()};
    kie.unreachable = true;
    for (int i = 0; i < 3; ++i) accept();
    advance(30min);
    EXPECT_EQ(engine->snapshot()->reason, QueueReason::upstream_down);
    const JobId waiting = accept();
    advance(30min);
    EXPECT_EQ(get(waiting).status, JobStatus::queued);
    EXPECT_EQ(get(waiting).attempts, 0);
    kie.unreachable = false;
    ASSERT_TRUE(reaches(waiting, JobStatus::succeeded));
    EXPECT_TRUE(engine->snapshot()->upstream_ok);
}

TEST_F(Submission, stops_for_a_maintenance) {
    start();
    kie.create_answers.push_back(R"({"code":455,"msg":"maintenance","data":null})");
    const JobId id = accept();
    advance(2min);
    EXPECT_EQ(get(id).status, JobStatus::queued);
    EXPECT_EQ(kie.arrivals.size(), 1U);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
}

TEST_F(Submission, waits_for_the_breaker_after_a_maintenance_that_came_in_an_outage) {
    start();
    kie.create_faults = {test::Fault::empty_answer, test::Fault::empty_answer, test::Fault::empty_answer};
    kie.create_answers.assign(4, R"({"code":455,"msg":"maintenance","data":null})");  // of which three are lost
    const auto jobs = std::vector<JobId>{accept(), accept(), accept(), accept()};
    advance(1s);
    ASSERT_EQ(get(jobs[3]).status, JobStatus::queued);
    kie.unreachable = true;
    advance(10min);
    EXPECT_EQ(engine->snapshot()->reason, QueueReason::upstream_down);
    kie.unreachable = false;
    ASSERT_TRUE(reaches(jobs[3], JobStatus::succeeded));
}

TEST_F(Submission, never_lets_more_than_twenty_requests_into_ten_seconds) {
    start();
    kie.duration = 20s;
    std::vector<JobId> jobs;
    jobs.reserve(60);
    for (int i = 0; i < 60; ++i) jobs.push_back(accept());
    for (const JobId& id : jobs) ASSERT_TRUE(reaches(id, JobStatus::succeeded, 30min));
    EXPECT_EQ(kie.creates(), 60U);
    EXPECT_LE(kie.busiest(10s), 20U);
    EXPECT_GE(kie.busiest(10s), 19U) << "the limit is there to be used";
}

TEST_F(Submission, takes_no_more_tasks_than_there_are_slots) {
    options.max_concurrent_tasks = 3;
    start();
    kie.duration = 60s;
    std::vector<JobId> jobs;
    jobs.reserve(6);
    for (int i = 0; i < 6; ++i) jobs.push_back(accept());
    advance(30s);
    EXPECT_EQ(kie.creates(), 3U);
    EXPECT_EQ(engine->snapshot()->reason, QueueReason::concurrency);
    for (const JobId& id : jobs) ASSERT_TRUE(reaches(id, JobStatus::succeeded, 30min));
}

TEST_F(Submission, lets_callers_take_turns_and_the_urgent_go_first) {
    options.limit_requests = 1;
    options.limit_window = 1s;
    start();
    ASSERT_TRUE(run(engine->pause({})));
    const JobId ann1 = accept("google/imagen4", "ann");
    const JobId ann2 = accept("google/imagen4", "ann");
    const JobId bob1 = accept("google/imagen4", "bob");
    const JobId urgent = accept("google/imagen4", "ann", 10);
    ASSERT_TRUE(run(engine->resume("")));
    for (const JobId& id : {ann1, ann2, bob1, urgent}) ASSERT_TRUE(reaches(id, JobStatus::succeeded, 30min));
    std::vector<std::string> order;
    std::map<std::string, std::string> names{{get(ann1).task_id, "ann1"},
                                             {get(ann2).task_id, "ann2"},
                                             {get(bob1).task_id, "bob1"},
                                             {get(urgent).task_id, "urgent"}};
    order.reserve(names.size());
    for (const auto& [task, name] : names) order.push_back(name);
    EXPECT_EQ(order, (std::vector<std::string>{"urgent", "bob1", "ann1", "ann2"}));
}

TEST_F(Submission, leaves_a_canceled_job_in_the_queue_alone) {
    start();
    ASSERT_TRUE(run(engine->pause({})));
    const JobId id = accept();
    ASSERT_TRUE(run(store->cancel(id)));
    engine->job_changed(id);
    ASSERT_TRUE(run(engine->resume("")));
    advance(1min);
    EXPECT_EQ(kie.creates(), 0U);
    EXPECT_EQ(get(id).billed, Billed::no);
}

TEST_F(Submission, writes_down_the_task_of_a_job_that_was_canceled_while_its_create_was_in_flight) {
    start();
    kie.latency = 4s;
    const JobId id = accept();
    advance(1s);
    ASSERT_EQ(get(id).status, JobStatus::submitting);
    ASSERT_TRUE(run(store->cancel(id)));
    engine->job_changed(id);
    advance(1min);
    const Job job = get(id);
    EXPECT_EQ(job.status, JobStatus::canceled);
    EXPECT_EQ(job.task_id, "task_1");
    EXPECT_EQ(job.billed, Billed::yes);
    EXPECT_EQ(kie.paths.size(), 1U) << "nobody asks for it";
}

TEST_F(Submission, pauses_one_model_and_lets_the_others_run) {
    start();
    PauseRequest pause;
    pause.model = "slow/model";
    ASSERT_TRUE(run(engine->pause(pause)));
    const JobId held = accept("slow/model");
    const JobId free = accept();
    ASSERT_TRUE(reaches(free, JobStatus::succeeded));
    EXPECT_EQ(get(held).status, JobStatus::queued);
    ASSERT_TRUE(run(engine->resume("slow/model")));
    ASSERT_TRUE(reaches(held, JobStatus::succeeded));
}

TEST_F(Submission, sends_nothing_whose_connection_stands_only_when_the_queue_is_paused) {
    kie.connect_time = 5s;
    start();
    const JobId id = accept();
    advance(2s);
    ASSERT_TRUE(run(engine->pause({})));
    advance(1min);
    EXPECT_EQ(kie.creates(), 0U);
    EXPECT_EQ(get(id).status, JobStatus::queued);
    EXPECT_EQ(get(id).attempts, 0);
    ASSERT_TRUE(run(engine->resume("")));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(Submission, sends_nothing_whose_connection_stands_only_when_the_breaker_has_opened) {
    kie.connect_time = 5s;
    start();
    const JobId id = accept();
    advance(1s);
    kie.connect_time = 0s;
    kie.create_faults = {Fault::lose_answer, Fault::lose_answer, Fault::lose_answer};
    for (int i = 0; i < 3; ++i) accept();
    advance(1s);
    ASSERT_TRUE(std::ranges::any_of(engine->snapshot()->holds,
                                    [](const store::Hold& hold) { return hold.reason == QueueReason::upstream_down; }));
    kie.unreachable = true;
    advance(10s);
    EXPECT_EQ(get(id).attempts, 0);
    kie.unreachable = false;
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 30min));
}

TEST_F(Submission, lifts_a_pause_at_its_time) {
    start();
    PauseRequest pause;
    pause.until = clock.wall_now() + 60s;
    ASSERT_TRUE(run(engine->pause(pause)));
    const JobId id = accept();
    advance(50s);
    EXPECT_EQ(kie.creates(), 0U);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 1min));
}

TEST_F(Submission, waits_until_a_job_is_scheduled) {
    start();
    NewJob wanted = market_job();
    wanted.scheduled_at = clock.wall_now() + 10min;
    const JobId id = accept(std::move(wanted));
    advance(9min);
    EXPECT_EQ(kie.creates(), 0U);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 5min));
}

TEST_F(Submission, fails_a_job_past_its_deadline) {
    start();
    ASSERT_TRUE(run(engine->pause({})));
    NewJob wanted = market_job();
    wanted.deadline_at = clock.wall_now() + 60s;
    const JobId id = accept(std::move(wanted));
    ASSERT_TRUE(reaches(id, JobStatus::failed, 2min));
    EXPECT_EQ(get(id).error->code, JobErrorCode::deadline_exceeded);
    EXPECT_EQ(get(id).billed, Billed::no);
}

TEST_F(Submission, sends_nothing_while_there_is_no_room_for_results) {
    blobs.free = 1;
    start();
    const JobId id = accept();
    advance(1min);
    EXPECT_EQ(kie.creates(), 0U);
    EXPECT_EQ(engine->snapshot()->reason, QueueReason::storage);
    blobs.free = 1ULL << 40U;
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 1min));
}

TEST_F(Submission, tries_the_next_endpoint_with_every_job_that_was_under_way_to_a_wrong_one) {
    start();
    std::vector<JobId> jobs;
    for (int i = 0; i < 3; ++i) {
        kie.create_answers.emplace_back(R"({"code":404,"msg":"Not Found","data":null})");
        NewJob wanted = market_job("runway/aleph");
        wanted.family = Family::aleph;
        jobs.push_back(accept(std::move(wanted)));
    }
    for (const JobId id : jobs) EXPECT_TRUE(reaches(id, JobStatus::generating, 1min)) << to_string(get(id).status);
    EXPECT_EQ(std::ranges::count(kie.paths, "/api/v1/aleph/generate"), 3);
    EXPECT_EQ(std::ranges::count(kie.paths, "/api/v1/runway/generate/aleph"), 3);
    for (const JobId id : jobs) EXPECT_EQ(get(id).endpoint, "seed");
}

TEST_F(Submission, awaits_creates_in_flight_when_it_drains) {
    start();
    kie.latency = 8s;
    const JobId id = accept();
    advance(1s);
    ASSERT_EQ(get(id).status, JobStatus::submitting);
    stop();
    EXPECT_EQ(get(id).status, JobStatus::generating);
    EXPECT_EQ(get(id).task_id, "task_1");
}

TEST_F(Submission, lets_one_callers_ten_thousand_jobs_delay_anothers_single_one_by_one_turn) {
    for (int i = 0; i < 10'000; ++i) (void)accept("google/imagen4", "ann");
    start();
    advance(5s);
    ASSERT_EQ(kie.creates(), 20U) << "the window is full, and ann's turn was last";
    const JobId single = accept("flux-2/pro-text-to-image", "bob");
    const std::size_t before = kie.requests.size();
    ASSERT_TRUE(reaches(single, JobStatus::generating));
    const auto its = std::ranges::find_if(
        kie.requests, [](const http::ClientRequest& request) { return request.body.contains("flux-2"); });
    const auto creates_between =
        std::count_if(kie.requests.begin() + static_cast<std::ptrdiff_t>(before), its,
                      [](const http::ClientRequest& request) { return request.method == "POST"; });
    EXPECT_LE(creates_between, 1);
}

}  // namespace
}  // namespace genq::engine
