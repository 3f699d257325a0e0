#include "server/store/retry_rules.hpp"

#include <gtest/gtest.h>

#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using enum JobErrorCode;

struct Row {
    const char* what;
    JobStatus status;
    std::optional<JobErrorCode> code;
    bool task;
    Billed billed;
    bool outputs_left;
    std::optional<RetryTarget> without;  // nullopt: conflict
    std::optional<RetryTarget> resubmit;
};

TEST(RetryRules, say_where_each_kind_of_end_is_taken_up_again) {
    constexpr auto failed = JobStatus::failed;
    constexpr auto queue = RetryTarget::queue;
    constexpr auto poll = RetryTarget::poll;
    constexpr auto download = RetryTarget::download;
    const std::vector<Row> rows{
        {"running", JobStatus::generating, {}, true, Billed::yes, false, {}, {}},
        {"succeeded", JobStatus::succeeded, {}, true, Billed::yes, false, {}, {}},
        {"canceled early", JobStatus::canceled, {}, false, Billed::no, false, {}, {}},
        {"canceled unknown", JobStatus::canceled, {}, false, Billed::unknown, false, {}, {}},
        {"canceled with a task", JobStatus::canceled, {}, true, Billed::yes, false, poll, poll},
        {"download failed", failed, download_failed, true, Billed::yes, true, download, download},
        {"timed out", failed, generation_timeout, true, Billed::yes, false, poll, poll},
        {"deadline while generating", failed, deadline_exceeded, true, Billed::yes, false, poll, poll},
        {"deadline while downloading", failed, deadline_exceeded, true, Billed::yes, true, download, download},
        {"deadline in the queue", failed, deadline_exceeded, false, Billed::no, false, queue, queue},
        {"deadline in flight", failed, deadline_exceeded, false, Billed::unknown, false, {}, queue},
        {"rejected", failed, rejected, false, Billed::no, false, queue, queue},
        {"attempts exhausted", failed, attempts_exhausted, false, Billed::no, false, queue, queue},
        {"upload failed", failed, upload_failed, false, Billed::no, false, queue, queue},
        {"dependency failed", failed, dependency_failed, false, Billed::no, false, queue, queue},
        {"rejected by its task", failed, rejected, true, Billed::yes, false, {}, queue},
        {"generation failed", failed, generation_failed, true, Billed::no, false, {}, queue},
        {"submit unknown", failed, submit_unknown, false, Billed::unknown, false, {}, queue},
        {"submit unknown, task found", failed, submit_unknown, true, Billed::yes, false, poll, poll},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.what);
        Job job;
        job.status = row.status;
        if (row.code) job.error = test::error_of(*row.code);
        if (row.task) job.task_id = "task";
        job.billed = row.billed;
        if (row.outputs_left) {
            job.generated_at = WallTime{};
            job.outputs = {test::stored(0, 'a'), test::source(1)};
        }
        for (const bool resubmit : {false, true}) {
            const auto target = retry_target(job, resubmit);
            const auto& wanted = resubmit ? row.resubmit : row.without;
            EXPECT_EQ(target ? std::optional(*target) : std::nullopt, wanted);
            if (!target) {
                EXPECT_EQ(target.error().code, errc::conflict);
            }
            if (!target && row.resubmit) {
                EXPECT_NE(target.error().detail.find(R"({"resubmit":true})"), std::string::npos);
            }
        }
    }
}

}  // namespace
}  // namespace genq::store
