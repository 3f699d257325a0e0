#include "tests/unit/engine/engine_fixture.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr auto trace_id = "trace_id=4bf92f3577b34da6a3ce929d0e0e4736";

/// What the log tells of a job's life.
class JobLog : public EngineTest {
  protected:
    JobLog() { log.set_level(log::Level::info); }

    static NewJob traced_job() {
        NewJob job = market_job();
        job.traceparent = trace;
        return job;
    }
    /// What is logged meanwhile.
    template <class Act>
    static std::string logged(Act act) {
        ::testing::internal::CaptureStderr();
        act();
        return ::testing::internal::GetCapturedStderr();
    }
    /// The line of `text` with that message, or "".
    static std::string line(const std::string& text, const std::string& message) {
        const auto at = text.find(message);
        return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
    }
    [[nodiscard]] double finished(const std::string& status) {
        const std::string text = metrics.render();
        const std::string series =
            R"(genqd_jobs_finished_total{family="market",kind="image",status=")" + status + "\"} ";
        const auto at = text.find(series);
        return at == std::string::npos ? 0 : std::stod(text.substr(at + series.size()));
    }
    static std::string about_it(JobId id) { return " job=" + id.text() + " model=google/imagen4 " + trace_id; }
};

TEST_F(JobLog, names_job_model_and_trace_in_each_line_of_its_way) {
    start();
    JobId id;
    const auto text = logged([&] {
        id = accept(traced_job());
        EXPECT_TRUE(reaches(id, JobStatus::succeeded));
    });
    for (const char* message : {"job submitted", "job generated", "job succeeded"}) {
        EXPECT_TRUE(line(text, message).starts_with(message + about_it(id))) << text;
    }
    EXPECT_EQ(finished("succeeded"), 1);
}

TEST_F(JobLog, tells_the_end_of_a_job_whoever_ends_it) {
    start();
    JobId late;
    JobId dropped;
    JobId first;
    JobId second;
    const auto text = logged([&] {
        ASSERT_TRUE(run(engine->pause({})));
        NewJob job = traced_job();
        job.deadline_at = clock.wall_now() + 5s;
        late = accept(job);
        dropped = accept(traced_job());
        EXPECT_TRUE(run(store->cancel(dropped)));
        first = accept(traced_job());
        job = traced_job();
        job.depends_on = {first};
        job.refers = true;
        job.input = R"({"image":"genqd:job/)" + first.text() + R"(/outputs/0"})";
        second = accept(job);
        EXPECT_TRUE(run(store->cancel(first)));
        EXPECT_TRUE(reaches(late, JobStatus::failed));
    });
    EXPECT_NE(text.find("job failed" + about_it(late) + " code=deadline_exceeded\n"), std::string::npos) << text;
    EXPECT_NE(text.find("job canceled" + about_it(dropped) + "\n"), std::string::npos) << text;
    EXPECT_NE(text.find("job failed" + about_it(second) + " code=dependency_failed\n"), std::string::npos) << text;
    EXPECT_EQ(finished("failed"), 2);
    EXPECT_EQ(finished("canceled"), 2);
}

TEST_F(JobLog, times_the_wait_in_the_queue_and_the_whole_way) {
    start();
    kie.create_answers = {R"({"code":500,"msg":"error"})"};
    NewJob job = market_job();
    job.scheduled_at = clock.wall_now() + 1h;
    const JobId id = accept(job);
    EXPECT_TRUE(reaches(id, JobStatus::succeeded, 2h));
    const std::string text = metrics.render();
    EXPECT_NE(text.find("genqd_queue_wait_seconds_count 1\n"), std::string::npos) << "of its first create alone";
    EXPECT_NE(text.find("genqd_queue_wait_seconds_bucket{le=\"0.5\"} 1\n"), std::string::npos)
        << "before its time it does not wait\n"
        << text;
    const std::string series = R"(genqd_job_seconds_bucket{family="market",kind="image",status="succeeded",le=")";
    EXPECT_NE(text.find(series + "3600\"} 0\n"), std::string::npos) << text;
    EXPECT_NE(text.find(series + "14400\"} 1\n"), std::string::npos) << text;
}

TEST_F(JobLog, shows_the_wait_of_a_batch_that_is_more_than_the_limit_lets_out) {
    for (int i = 0; i < 40; ++i) accept();
    start();
    EXPECT_TRUE(run_until([this] { return kie.creates() == 40; }, 10min));
    const std::string text = metrics.render();
    EXPECT_NE(text.find("genqd_queue_wait_seconds_count 40\n"), std::string::npos) << text;
    EXPECT_NE(text.find("genqd_queue_wait_seconds_bucket{le=\"5\"} 20\n"), std::string::npos) << text;
}

TEST_F(JobLog, names_the_job_of_each_create_that_made_no_task) {
    start();
    kie.create_answers = {R"({"code":500,"msg":"error"})", R"({"code":429,"msg":"slow down"})"};
    JobId id;
    const auto text = logged([&] {
        id = accept(traced_job());
        EXPECT_TRUE(reaches(id, JobStatus::succeeded));
    });
    const std::string words = "a create made no task; it will be tried again" + about_it(id);
    EXPECT_NE(text.find(words + " attempt=1 why=\"kie.ai answered with an error\""), std::string::npos) << text;
    EXPECT_NE(text.find(words + " attempt=2 why=\"kie.ai refused the rate\""), std::string::npos) << text;
}

TEST_F(JobLog, names_the_trace_of_a_create_whose_answer_was_lost) {
    start();
    kie.create_faults = {test::Fault::lose_answer};
    JobId id;
    const auto text = logged([&] {
        id = accept(traced_job());
        EXPECT_TRUE(reaches(id, JobStatus::failed));
    });
    EXPECT_NE(text.find("it will not be sent again by itself" + about_it(id)), std::string::npos) << text;
    EXPECT_NE(text.find("job failed" + about_it(id) + " code=submit_unknown"), std::string::npos) << text;
}

}  // namespace
}  // namespace genq::engine
