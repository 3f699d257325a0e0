#include "tests/unit/engine/engine_fixture.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;

using MaxRunning = EngineTest;
using Balance = EngineTest;

TEST_F(MaxRunning, of_a_caller_is_kept_and_others_go_before_its_jobs) {
    options.max_running["ann"] = 2;
    kie.duration = 60s;
    start();
    std::vector<JobId> anns;
    anns.reserve(5);
    for (int i = 0; i < 5; ++i) anns.push_back(accept("google/imagen4", "ann", 1));
    const JobId bobs = accept("google/imagen4", "bob");
    advance(20s);
    EXPECT_EQ(kie.creates(), 3U) << "two of ann's, and bob's, although it came last and has the lower priority";
    EXPECT_EQ(get(bobs).status, JobStatus::generating);
    EXPECT_EQ(get(anns[1]).status, JobStatus::generating);
    EXPECT_EQ(get(anns[2]).status, JobStatus::queued);
    EXPECT_EQ(engine->snapshot()->full_callers, std::vector<std::string>{"ann"});
    EXPECT_EQ(engine->snapshot()->reason, QueueReason::rate_limit) << "the engine's reason is not ann's";
    for (const JobId& id : anns) ASSERT_TRUE(reaches(id, JobStatus::succeeded, 30min));
    EXPECT_TRUE(engine->snapshot()->full_callers.empty());
}

TEST_F(MaxRunning, counts_creates_whose_answer_is_awaited) {
    options.max_running["ann"] = 1;
    kie.latency = 8s;
    start();
    accept();
    const JobId second = accept();
    advance(7s);
    EXPECT_EQ(kie.arrivals.size(), 1U);
    EXPECT_EQ(get(second).status, JobStatus::queued);
    ASSERT_TRUE(reaches(second, JobStatus::succeeded, 30min));
}

TEST_F(MaxRunning, goes_on_when_a_running_job_is_canceled_or_a_reload_lifts_the_limit) {
    options.max_running["ann"] = 1;
    kie.duration = 10min;
    start();
    const JobId first = accept();
    const JobId second = accept();
    const JobId third = accept();
    advance(10s);
    EXPECT_EQ(kie.creates(), 1U);
    ASSERT_TRUE(run(store->cancel(first)));
    engine->job_changed(first);
    advance(2s);
    EXPECT_EQ(get(second).status, JobStatus::generating);
    EXPECT_EQ(get(third).status, JobStatus::queued);
    options.max_running.clear();
    engine->reload(options);
    advance(2s);
    EXPECT_EQ(get(third).status, JobStatus::generating);
}

TEST_F(Balance, that_no_job_explains_is_a_metric) {
    start();
    EXPECT_NE(metrics.render().find("genqd_credits_unexplained Nan"), std::string::npos) << "not looked at yet";
    ASSERT_TRUE(run(engine->credits()));
    EXPECT_NE(metrics.render().find("genqd_credits_unexplained 0\n"), std::string::npos);
    kie.credit_answer = R"({"code":200,"msg":"success","data":93.5})";
    advance(31s);
    ASSERT_TRUE(run(engine->credits()));
    EXPECT_NE(metrics.render().find("genqd_credits_unexplained 6.5\n"), std::string::npos) << metrics.render();
}

TEST_F(Balance, is_looked_at_after_the_start_and_then_while_there_is_something_to_see) {
    start();
    advance(59s);
    EXPECT_EQ(kie.asked_for_credits(), 0U);
    advance(2s);
    EXPECT_EQ(kie.asked_for_credits(), 1U);
    EXPECT_EQ(engine->snapshot()->credits, 100);
    advance(1h);
    EXPECT_EQ(kie.asked_for_credits(), 1U) << "nothing has happened";
    ASSERT_TRUE(reaches(accept(), JobStatus::succeeded));
    advance(10s);
    EXPECT_EQ(kie.asked_for_credits(), 2U);
    ASSERT_TRUE(reaches(accept(), JobStatus::succeeded));
    advance(4min);
    EXPECT_EQ(kie.asked_for_credits(), 2U) << "not before five minutes are over";
    advance(1min);
    EXPECT_EQ(kie.asked_for_credits(), 3U);
}

TEST_F(Balance, waits_for_tokens_that_nobody_needs_but_not_for_ever) {
    options.max_concurrent_tasks = 100'000;
    kie.duration = 10h;
    for (int i = 0; i < 1'000; ++i) accept();
    start();
    advance(5min);
    EXPECT_EQ(kie.asked_for_credits(), 0U) << "each token is a create's";
    advance(70s);
    EXPECT_EQ(kie.asked_for_credits(), 1U);
}

TEST_F(Balance, is_asked_for_by_the_probes_alone_while_there_are_none) {
    start();
    kie.create_answers = {R"({"code":402,"msg":"no credits"})"};
    accept();
    advance(10min);
    EXPECT_LE(kie.asked_for_credits(), 10U * 2 + 1) << "one probe in thirty seconds";
}

}  // namespace
}  // namespace genq::engine
