#include <gtest/gtest.h>

#include "tests/integration/callbacks/world.hpp"

/// Callbacks over real sockets: what the stand-in's ledger shows at the end is what would have been paid.
namespace genq::test {
namespace {

using namespace std::chrono_literals;
using sandbox::Fault;
using sandbox::FaultAction;

NewJob job_of(Family family, const std::string& model, const std::string& input, const std::string& wire = "") {
    NewJob job;
    job.model = model;
    job.wire_model = wire.empty() ? model : wire;
    job.family = family;
    job.kind = "image";
    job.profile = PollProfile::image;
    job.input = input;
    job.caller = "ann";
    return job;
}

NewJob picture() {
    return job_of(Family::market, "google/imagen4", R"({"prompt":"a lake"})");
}

std::vector<NewJob> one_of_each() {
    return {
        picture(),
        job_of(Family::gpt4o, "gpt4o-image", R"({"prompt":"a","size":"1:1"})"),
        job_of(Family::flux, "flux-kontext-pro", R"({"prompt":"a"})"),
        job_of(Family::veo, "veo3_fast", R"({"prompt":"a"})"),
        job_of(Family::runway, "runway/generate",
               R"({"prompt":"a","duration":5,"quality":"720p","aspectRatio":"16:9"})"),
        job_of(Family::aleph, "runway/aleph", R"({"prompt":"a","videoUrl":"http://v.example/a.mp4"})"),
        job_of(Family::suno, "suno/V5", R"({"prompt":"a","customMode":false,"instrumental":true})", "V5"),
        job_of(Family::suno, "suno/lyrics", R"({"prompt":"a"})"),
        job_of(Family::midjourney, "mj_txt2img", R"({"prompt":"a"})"),
        job_of(Family::luma, "luma/modify", R"({"prompt":"a","videoUrl":"http://v.example/a.mp4"})"),
    };
}

Fault fault(FaultAction action) {
    Fault fault;
    fault.path = "/api/v1/jobs/createTask";
    fault.action = action;
    return fault;
}

TEST(Callbacks, end_a_job_of_every_family_with_one_request) {
    World world({});
    std::vector<JobId> ids;
    for (auto& job : one_of_each()) ids.push_back(world.accept(std::move(job)));
    for (const JobId& id : ids) {
        const Job job = world.end_of(id);
        EXPECT_EQ(job.status, JobStatus::succeeded) << job.model << (job.error ? job.error->upstream_message : "");
        EXPECT_TRUE(!job.outputs.empty() || job.result) << job.model;
        EXPECT_EQ(job.polls, 0) << job.model;
    }
    EXPECT_EQ(world.ledger().creates.size(), ids.size());
    EXPECT_EQ(world.requests(), ids.size()) << "the creates alone";
}

/// A fault of the create's answer.
class Lost : public testing::TestWithParam<FaultAction> {};

TEST_P(Lost, answers_are_made_up_for_by_a_signed_call) {
    World world({.faults = {fault(GetParam())}, .timeout = 3s});
    const Job job = world.end_of(world.accept(picture()));
    EXPECT_EQ(job.status, JobStatus::succeeded);
    EXPECT_EQ(job.billed, Billed::yes);
    EXPECT_EQ(job.attempts, 1);
    const auto ledger = world.ledger();
    ASSERT_EQ(ledger.creates.size(), 1U);
    EXPECT_EQ(ledger.creates[0].task_id, job.task_id);
    EXPECT_EQ(world.requests(), 1U);
}

TEST_P(Lost, answers_are_made_up_for_by_a_hint_and_a_query) {
    World world({.sandbox_key = "", .callback_key = "", .faults = {fault(GetParam())}, .timeout = 3s});
    const Job job = world.end_of(world.accept(picture()));
    EXPECT_EQ(job.status, JobStatus::succeeded);
    const auto ledger = world.ledger();
    ASSERT_EQ(ledger.creates.size(), 1U);
    EXPECT_EQ(ledger.creates[0].task_id, job.task_id);
    EXPECT_EQ(world.requests(), 2U);
}

TEST_P(Lost, answers_fail_the_job_without_callbacks_and_only_its_caller_pays_again) {
    World world({.callbacks = false, .faults = {fault(GetParam())}, .timeout = 3s});
    const JobId id = world.accept(picture());
    const Job lost = world.end_of(id);
    ASSERT_EQ(lost.status, JobStatus::failed);
    EXPECT_EQ(lost.error->code, JobErrorCode::submit_unknown);
    EXPECT_EQ(lost.billed, Billed::unknown);
    EXPECT_EQ(world.ledger().creates.size(), 1U);
    world.retry(id, true);
    const Job job = world.end_of(id);
    EXPECT_EQ(job.status, JobStatus::succeeded);
    EXPECT_EQ(world.ledger().creates.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Create, Lost,
                         testing::Values(FaultAction::reset_after, FaultAction::hang, FaultAction::empty,
                                         FaultAction::html),
                         [](const auto& fault) {
                             switch (fault.param) {
                                 case FaultAction::reset_after:
                                     return "reset_after_the_write";
                                 case FaultAction::hang:
                                     return "no_answer_in_time";
                                 case FaultAction::empty:
                                     return "empty_200";
                                 default:
                                     return "html_of_a_proxy";
                             }
                         });

TEST(Callbacks, make_up_for_a_death_between_a_create_and_its_answer) {
    World world({.faults = {fault(FaultAction::hang)}});
    // No calls get through while no engine is up: the stand-in tries again.
    const JobId id = world.accept(picture());
    (void)world.wait_for(id, [](const Job& job) { return job.status == JobStatus::submitting; });
    while (world.ledger().creates.empty()) std::this_thread::yield();
    world.drop_engine();
    world.start_engine();
    const Job job = world.end_of(id);
    EXPECT_EQ(job.status, JobStatus::succeeded);
    EXPECT_EQ(world.ledger().creates.size(), 1U);
    EXPECT_EQ(world.requests(), 1U);
}

TEST(Callbacks, are_not_waited_for_where_the_operator_pays_twice_rather) {
    World world(
        {.callbacks = false, .faults = {fault(FaultAction::reset_after)}, .on_unknown = engine::OnUnknown::resubmit});
    const Job job = world.end_of(world.accept(picture()));
    EXPECT_EQ(job.status, JobStatus::succeeded);
    EXPECT_EQ(world.ledger().creates.size(), 2U);
}

}  // namespace
}  // namespace genq::test
