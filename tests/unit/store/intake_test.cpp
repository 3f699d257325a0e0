#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using Intake = test::StoreTest;
using test::new_job;

IdempotencyKey key(std::string body = "body-1", std::string name = "k", std::string caller = "ann") {
    return {std::move(caller), "POST /v1/jobs", std::move(name), std::move(body)};
}

TEST_F(Intake, gives_back_every_member_of_a_job) {
    auto wanted = new_job("bob", -5, "suno/V5");
    wanted.family = Family::suno;
    wanted.profile = PollProfile::audio;
    wanted.kind = "music";
    wanted.input = R"({"prompt":"ü\n\"x\"","list":[1,2.5,null]})";
    wanted.deadline_at = in(3600);
    wanted.max_attempts = 3;
    wanted.generation_retries = 2;
    wanted.longest_wait = std::chrono::seconds(1800);
    wanted.warnings = {"one", "two"};
    wanted.labels = {{"a", "1"}, {"project", "spring"}};
    const auto made = run(store->accept(wanted, std::nullopt)).value();
    EXPECT_FALSE(made.replayed);
    const auto job = get(made.job.id);
    EXPECT_EQ(job.id, made.job.id);
    EXPECT_EQ(job.status, JobStatus::queued);
    EXPECT_EQ(job.step, Step::submit);
    EXPECT_EQ(job.version, 1);
    EXPECT_EQ(job.model, "suno/V5");
    EXPECT_EQ(job.family, Family::suno);
    EXPECT_EQ(job.profile, PollProfile::audio);
    EXPECT_EQ(job.input, wanted.input);
    EXPECT_EQ(job.priority, -5);
    EXPECT_EQ(job.caller, "bob");
    EXPECT_EQ(job.deadline_at, wanted.deadline_at);
    EXPECT_EQ(job.max_attempts, 3);
    EXPECT_EQ(job.generation_retries, 2);
    EXPECT_EQ(job.longest_wait, wanted.longest_wait);
    EXPECT_EQ(job.warnings, wanted.warnings);
    EXPECT_EQ(job.labels, wanted.labels);
    EXPECT_EQ(job.created_at, clock.wall_now());
    EXPECT_EQ(job.updated_at, job.created_at);
    EXPECT_EQ(job.billed, Billed::no);
    EXPECT_FALSE(job.finished_at || job.error || job.result || job.credits);
    EXPECT_EQ(history(job.id), std::vector<std::string>{"queued"});
    EXPECT_EQ(changed, std::vector{job.id.row()});
}

TEST_F(Intake, makes_a_job_with_a_time_wait_for_it) {
    auto later = new_job();
    later.scheduled_at = in(60);
    const auto job = add(later);
    EXPECT_EQ(job.step, Step::wait);
    EXPECT_EQ(job.step_at, later.scheduled_at);
    EXPECT_EQ(get(job.id).wait_reason, QueueReason::scheduled);
    later.scheduled_at = in(-60);
    EXPECT_EQ(add(later).step, Step::submit);
}

TEST_F(Intake, gives_a_job_without_a_trace_one_of_its_own_where_it_is_told_to) {
    EXPECT_EQ(get(add().id).traceparent, "");
    SqliteOptions options;
    options.path = folder / "traced.db";
    const std::string_view its_own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    options.own_trace = [its_own](JobId) { return std::string(its_own); };
    const auto traced = SqliteJobStore::open(std::move(options), clock, random).value();
    NewJob job = new_job();
    const auto own = run(traced->accept(job, std::nullopt)).value().job;
    EXPECT_EQ(run(traced->get(own.id)).value().traceparent, its_own);
    job.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const auto brought = run(traced->accept(job, std::nullopt)).value().job;
    EXPECT_EQ(run(traced->get(brought.id)).value().traceparent, job.traceparent);
}

TEST_F(Intake, answers_a_repeated_request_with_the_first_job) {
    const auto first = run(store->accept(new_job(), key())).value();
    const auto second = run(store->accept(new_job(), key())).value();
    EXPECT_FALSE(first.replayed);
    EXPECT_TRUE(second.replayed);
    EXPECT_EQ(first.job.id, second.job.id);
    EXPECT_FALSE(run(store->accept(new_job(), key("body-1", "k", "bob"))).value().replayed) << "keys are per caller";
    EXPECT_EQ(run(store->accept(new_job(), key("body-2"))).error().code, errc::already_exists);
}

TEST_F(Intake, never_makes_a_second_job_for_the_key_of_a_deleted_one) {
    const auto first = run(store->accept(new_job(), key())).value();
    ASSERT_TRUE(run(store->cancel(first.job.id)));
    ASSERT_TRUE(run(store->erase(first.job.id)));
    EXPECT_EQ(run(store->accept(new_job(), key())).error().code, errc::conflict);
    EXPECT_EQ(run(store->accept(new_job(), key("body-2"))).error().code, errc::already_exists);
}

TEST_F(Intake, finds_no_job_that_is_not_there) {
    EXPECT_EQ(run(store->get(JobId())).error().code, errc::not_found);
    const auto job = add();
    auto text = job.id.text();
    text.back() = text.back() == '0' ? '1' : '0';
    EXPECT_EQ(run(store->get(*JobId::parse(text))).error().code, errc::not_found) << "the same row, another id";
}

TEST_F(Intake, deletes_a_job_that_has_ended_and_frees_its_blobs) {
    const auto queued = add();
    EXPECT_EQ(run(store->erase(queued.id)).error().code, errc::conflict);
    const auto one = succeeded('a');
    const auto two = succeeded('a');
    EXPECT_EQ(run(store->lists_blob(test::digest_of('a'))), true);
    EXPECT_EQ(run(store->stats()).value().blob_bytes, 20);
    EXPECT_EQ(run(store->erase(one.id)), std::vector<Digest>{}) << "the other job lists it too";
    EXPECT_EQ(run(store->erase(two.id)), std::vector{test::digest_of('a')});
    EXPECT_EQ(run(store->lists_blob(test::digest_of('a'))), false);
    EXPECT_EQ(run(store->stats()).value().blob_bytes, 0);
    EXPECT_EQ(run(store->get(one.id)).error().code, errc::not_found);
    EXPECT_EQ(run(store->events(one.id)).error().code, errc::not_found);
    EXPECT_EQ(run(store->erase(one.id)).error().code, errc::not_found);
}

}  // namespace
}  // namespace genq::store
