#include "tests/unit/engine/engine_fixture.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;

class LateWatchTest : public EngineTest {
  protected:
    /// A job that timed out, its task still running.
    JobId timed_out() {
        kie.next_task_stuck = true;
        const JobId id = accept();
        EXPECT_TRUE(reaches(id, JobStatus::failed, 20min));
        EXPECT_EQ(get(id).error->code, JobErrorCode::generation_timeout);
        return id;
    }
};

TEST_F(LateWatchTest, revives_a_timed_out_job_whose_task_succeeds_after_all) {
    start();
    const JobId id = timed_out();
    const std::size_t asked = kie.asked_for_jobs();
    advance(35min);
    EXPECT_EQ(kie.asked_for_jobs(), asked + 3) << "every ten minutes";
    kie.tasks.begin()->second.stuck = false;
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 11min));
    EXPECT_FALSE(get(id).error);
    std::vector<std::string> names;
    for (const auto& event : run(store->events(id)).value()) names.push_back(event.name);
    ASSERT_GE(names.size(), 4U);
    names.erase(names.begin(), names.end() - 4);
    EXPECT_EQ(names, (std::vector<std::string>{"failed", "revived", "downloading", "succeeded"}));
    EXPECT_EQ(kie.creates(), 1U) << "nothing was paid twice";
    EXPECT_TRUE(metrics.render().contains("genqd_jobs_revived_total 1"));
}

TEST_F(LateWatchTest, ends_after_a_day_and_outlives_a_restart) {
    start();
    timed_out();
    const std::size_t asked = kie.asked_for_jobs();
    crash();
    start();
    advance(23h);
    const std::size_t looks = kie.asked_for_jobs() - asked;
    EXPECT_GE(looks, 130U);
    EXPECT_LE(looks, 140U);
    advance(2h);
    const std::size_t all = kie.asked_for_jobs();
    advance(10h);
    EXPECT_EQ(kie.asked_for_jobs(), all);
}

TEST_F(LateWatchTest, ends_when_the_task_has_failed_or_the_job_is_retried) {
    start();
    const JobId failed = timed_out();
    kie.tasks.begin()->second.stuck = false;
    kie.tasks.begin()->second.fails = true;
    advance(11min);
    const std::size_t asked = kie.asked_for_jobs();
    advance(1h);
    EXPECT_EQ(kie.asked_for_jobs(), asked);
    EXPECT_EQ(get(failed).error->code, JobErrorCode::generation_timeout);

    const JobId again = timed_out();
    kie.tasks.rbegin()->second.stuck = false;
    ASSERT_TRUE(run(store->retry(again, {false, {}, clock.wall_now()}, std::nullopt)));
    engine->job_changed(again);
    ASSERT_TRUE(reaches(again, JobStatus::succeeded, 1min));
    const std::size_t done = kie.asked_for_jobs();
    advance(1h);
    EXPECT_EQ(kie.asked_for_jobs(), done);
}

TEST_F(LateWatchTest, takes_only_what_nobody_else_wants_of_the_limit) {
    options.limit_requests = 1;
    options.limit_window = 20s;
    start();
    timed_out();
    const std::size_t asked = kie.asked_for_jobs();
    kie.duration = 2h;
    for (int i = 0; i < 60; ++i) accept();
    advance(12min);
    EXPECT_GT(kie.asked_for_jobs(), asked);
    for (std::size_t i = asked; i < kie.requests.size(); ++i) {
        EXPECT_FALSE(kie.requests[i].url.ends_with("task_1")) << "others wait for this token";
    }
}

}  // namespace
}  // namespace genq::engine
