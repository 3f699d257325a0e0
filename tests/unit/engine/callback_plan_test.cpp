#include "server/engine/callback_plan.hpp"

#include <gtest/gtest.h>

#include "common/core/rfc3339.hpp"
#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;
using enum CallbackAction;
using upstream::TaskReport;
using upstream::TaskState;

TaskReport success() {
    TaskReport report;
    report.state = TaskState::succeeded;
    report.word = "success";
    report.outputs.resize(1);
    return report;
}
TaskReport failure() {
    TaskReport report;
    report.state = TaskState::failed;
    return report;
}
TaskReport progress() {
    TaskReport report;
    report.word = "first";
    return report;
}
TaskReport bare() {
    auto report = success();
    report.outputs.clear();
    report.reread = true;
    return report;
}

store::Submission at(JobStatus status, std::string known = "", std::optional<JobErrorCode> code = std::nullopt) {
    store::Submission submission;
    submission.attempt = 1;
    submission.task_id = known;
    submission.job.attempts = 1;
    submission.job.status = status;
    submission.job.task_id = known;
    submission.job.billed = known.empty() ? Billed::unknown : Billed::yes;
    if (code) submission.job.error = JobError{*code, "", "", std::nullopt, "", false};
    return submission;
}

TEST(CallbackPlan, says_what_each_call_is_good_for) {
    using enum JobStatus;
    using enum JobErrorCode;
    struct Row {
        const char* what;
        store::Submission submission;
        const char* task;
        TaskReport report;
        CallbackAction verified;
        CallbackAction hint;
    };
    const std::vector<Row> rows{
        {"before the answer", at(submitting), "t", success(), adopt, ask},
        {"before the answer, a failure", at(submitting), "t", failure(), adopt, ask},
        {"before the answer, progress", at(submitting), "t", progress(), adopt, ask},
        {"before the answer, without a task", at(submitting), "", TaskReport{}, nothing, nothing},
        {"running", at(generating, "t"), "t", success(), conclude, ask},
        {"running, a failure", at(generating, "t"), "t", failure(), conclude, ask},
        {"running, progress", at(generating, "t"), "t", progress(), nothing, nothing},
        {"running, success without a result", at(generating, "t"), "t", bare(), ask, ask},
        {"running, unreadable", at(generating, "t"), "", TaskReport{}, ask, ask},
        {"running, of another task", at(generating, "t"), "other", success(), ask, ask},
        {"refused, and it was made all the same", at(queued), "t", success(), adopt, nothing},
        {"refused, made, and failed", at(queued), "t", failure(), nothing, nothing},
        {"queued for a new generation", at(queued, "t"), "t", failure(), nothing, nothing},
        {"a duplicate while downloading", at(downloading, "t"), "t", success(), nothing, nothing},
        {"a duplicate after the end", at(succeeded, "t"), "t", success(), nothing, nothing},
        {"canceled in flight", at(canceled), "t", success(), adopt, nothing},
        {"canceled while running", at(canceled, "t"), "t", success(), nothing, nothing},
        {"given up as unknown", at(failed, "", submit_unknown), "t", success(), adopt, ask},
        {"given up as unknown, and failed", at(failed, "", submit_unknown), "t", failure(), adopt, ask},
        {"given up as unknown, without a task", at(failed, "", submit_unknown), "", TaskReport{}, nothing, nothing},
        {"timed out", at(failed, "t", generation_timeout), "t", success(), conclude, ask},
        {"timed out, and failed", at(failed, "t", generation_timeout), "t", failure(), nothing, ask},
        {"timed out, without a result", at(failed, "t", generation_timeout), "t", bare(), nothing, ask},
        {"past its deadline", at(failed, "t", deadline_exceeded), "t", success(), conclude, ask},
        {"failed for good", at(failed, "t", generation_failed), "t", success(), nothing, nothing},
        {"rejected", at(failed, "", rejected), "t", success(), nothing, nothing},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.what);
        EXPECT_EQ(plan(row.submission, row.task, true, row.report), row.verified);
        EXPECT_EQ(plan(row.submission, row.task, false, row.report), row.hint);
    }
}

TEST(CallbackPlan, keeps_an_earlier_creates_task_apart) {
    auto earlier = at(JobStatus::generating);
    earlier.job.attempts = 2;
    earlier.job.task_id = "second";
    EXPECT_EQ(plan(earlier, "first", true, success()), note_stray);
    EXPECT_EQ(plan(earlier, "first", false, success()), nothing);
    EXPECT_EQ(plan(earlier, "second", true, success()), conclude) << "an upgrade that was asked for again";
    earlier.task_id = "first";
    EXPECT_EQ(plan(earlier, "first", true, success()), nothing) << "known already";
}

TEST(CallbackPlan, believes_a_signature_for_five_minutes) {
    const WallTime now{std::chrono::milliseconds(1'795'000'000'000)};
    const auto call_at = [](std::int64_t seconds, const std::string& key = "key", const std::string& task = "t") {
        CallbackCall call;
        call.timestamp = std::to_string(seconds);
        call.signature = crypto::to_base64(crypto::hmac_sha256(key, task + "." + call.timestamp));
        return call;
    };
    const std::int64_t s = to_ms(now) / 1000;
    EXPECT_EQ(trust("key", call_at(s), "t", now), Trust::verified);
    EXPECT_EQ(trust("key", call_at(s - 300), "t", now), Trust::verified);
    EXPECT_EQ(trust("key", call_at(s + 300), "t", now), Trust::verified);
    EXPECT_EQ(trust("key", call_at(s - 301), "t", now), Trust::hint);
    EXPECT_EQ(trust("key", call_at(s + 301), "t", now), Trust::hint);
    EXPECT_EQ(trust("", call_at(s), "t", now), Trust::hint);
    EXPECT_EQ(trust("key", CallbackCall{}, "t", now), Trust::hint);
    EXPECT_EQ(trust("key", call_at(s, "other"), "t", now), Trust::forged);
    EXPECT_EQ(trust("key", call_at(s), "u", now), Trust::forged);
    EXPECT_EQ(trust("key", call_at(s, "key", ""), "", now), Trust::forged);
    auto odd = call_at(s);
    odd.timestamp = "99999999999999999999999";
    odd.signature = crypto::to_base64(crypto::hmac_sha256("key", "t." + odd.timestamp));
    EXPECT_EQ(trust("key", odd, "t", now), Trust::hint);
}

TEST(CallbackPlan, puts_job_and_token_into_the_path) {
    EXPECT_EQ(callback_path(*JobId::parse("01JD0000000000000000000000"), "abc"),
              "/v1/callbacks/01JD0000000000000000000000/abc");
}

}  // namespace
}  // namespace genq::engine
