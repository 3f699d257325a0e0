#include "server/domain/job_status.hpp"

#include <gtest/gtest.h>
#include <set>
#include <utility>

namespace genq {
namespace {

using enum JobStatus;
using Change = std::pair<JobStatus, JobStatus>;

std::set<Change> allowed(bool retry) {
    std::set<Change> result;
    for (const auto from : all_job_statuses) {
        for (const auto to : all_job_statuses) {
            if (may_become(from, to, retry)) result.emplace(from, to);
        }
    }
    return result;
}

const std::set<Change> by_itself{
    {queued, submitting},      {queued, failed},        {queued, canceled},      {submitting, queued},
    {submitting, generating},  {submitting, failed},    {submitting, canceled},  {generating, queued},
    {generating, downloading}, {generating, succeeded}, {generating, failed},    {generating, canceled},
    {downloading, succeeded},  {downloading, failed},   {downloading, canceled}, {queued, generating},
    {queued, succeeded},  // with the result of an identical job
};

TEST(JobStatus, changes_by_itself_in_these_ways_only) {
    EXPECT_EQ(allowed(false), by_itself);
}

TEST(JobStatus, is_taken_up_again_by_a_retry_in_these_ways_only) {
    auto expected = by_itself;
    expected.insert({{failed, queued},
                     {failed, generating},
                     {failed, downloading},
                     {failed, succeeded},
                     {canceled, generating},
                     {canceled, downloading}});
    EXPECT_EQ(allowed(true), expected);
}

TEST(JobStatus, is_terminal_exactly_when_nothing_follows_by_itself) {
    for (const auto from : all_job_statuses) {
        bool goes_on = false;
        for (const auto to : all_job_statuses) goes_on = goes_on || may_become(from, to);
        EXPECT_EQ(is_terminal(from), !goes_on) << to_string(from);
    }
}

TEST(JobStatus, comes_back_from_its_name) {
    for (const auto status : all_job_statuses) EXPECT_EQ(job_status_from(to_string(status)), status);
    EXPECT_EQ(job_status_from("running"), std::nullopt);
}

TEST(Step, comes_back_from_its_name) {
    for (const auto step : {Step::wait, Step::submit, Step::settle, Step::poll, Step::download, Step::none}) {
        EXPECT_EQ(step_from(to_string(step)), step);
    }
    EXPECT_EQ(step_from(""), std::nullopt);
}

TEST(QueueReason, comes_back_from_its_name) {
    using enum QueueReason;
    for (const auto reason : {scheduled, dependency, paused, upstream_auth, credits, storage, upstream_down,
                              retry_backoff, uploading, concurrency, rate_limit}) {
        EXPECT_EQ(queue_reason_from(to_string(reason)), reason);
    }
    EXPECT_EQ(queue_reason_from("busy"), std::nullopt);
}

TEST(JobErrorCode, comes_back_from_its_name) {
    using enum JobErrorCode;
    for (const auto code : {rejected, generation_failed, generation_timeout, download_failed, submit_unknown,
                            deadline_exceeded, dependency_failed, attempts_exhausted, upload_failed}) {
        EXPECT_EQ(job_error_code_from(to_string(code)), code);
    }
    EXPECT_EQ(job_error_code_from("unknown"), std::nullopt);
}

TEST(Billed, comes_back_from_its_name) {
    for (const auto billed : {Billed::no, Billed::yes, Billed::unknown}) {
        EXPECT_EQ(billed_from(to_string(billed)), billed);
    }
    EXPECT_EQ(billed_from("maybe"), std::nullopt);
}

}  // namespace
}  // namespace genq
