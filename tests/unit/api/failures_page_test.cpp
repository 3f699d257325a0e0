// server/docs/failures.md tells what to do about everything that a person may be told: codes of problems and of failed
// jobs, holds, and alerts; concepts.md says of every reason what it waits for.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "server/api/problem.hpp"
#include "server/domain/job_status.hpp"

namespace genq::api::test {
namespace {

std::string contents_of(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(GENQ_SOURCE_DIR "/" + file).rdbuf();
    EXPECT_FALSE(text.view().empty()) << file;
    return text.str();
}

TEST(FailuresPage, says_what_to_do_about_every_code) {
    const auto page = contents_of("server/docs/failures.md");
    for (const ProblemCode code : all_problem_codes) {
        const auto row = "| `" + std::string(to_string(code)) + "` | " + std::to_string(status_of(code)) + " |";
        EXPECT_TRUE(page.contains(row)) << row;
    }
    for (const JobErrorCode code : all_job_error_codes) {
        EXPECT_TRUE(page.contains("\n| `" + std::string(to_string(code)) + "` |")) << to_string(code);
    }
}

TEST(FailuresPage, knows_every_alert) {
    const auto page = contents_of("server/docs/failures.md");
    std::istringstream rules(contents_of("config/prometheus/genqd.rules.yml"));
    int alerts = 0;
    for (std::string line; std::getline(rules, line);) {
        const auto at = line.find("- alert: ");
        if (at == std::string::npos) continue;
        ++alerts;
        EXPECT_TRUE(page.contains("`" + line.substr(at + 9) + "`")) << line;
    }
    EXPECT_GT(alerts, 10);
}

TEST(ConceptsPage, knows_every_reason) {
    const auto page = contents_of("server/docs/concepts.md");
    for (int at = 0; at <= static_cast<int>(QueueReason::rate_limit); ++at) {
        const auto reason = static_cast<QueueReason>(at);
        EXPECT_TRUE(page.contains("\n| `" + std::string(to_string(reason)) + "` |")) << to_string(reason);
    }
}

}  // namespace
}  // namespace genq::api::test
