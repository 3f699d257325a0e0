#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <set>
#include <thread>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/http_user.hpp"

namespace genq::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// Where the stand-in for kie.ai listens, as the daemon's log says it.
std::string sandbox_of(const Daemon& daemon, const std::string& log) {
    constexpr std::string_view before = "sandbox in place of kie.ai address=";
    const auto at = log.find(before);
    EXPECT_NE(at, std::string::npos) << log << daemon.url();
    const auto from = at + before.size();
    return log.substr(from, log.find(' ', from) - from);
}

TEST(Reuse, of_fifty_identical_jobs_at_once_makes_one_task) {
    constexpr std::size_t callers = 50;
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    std::vector<json::value> jobs(callers);
    std::barrier together(callers);
    {
        std::vector<std::jthread> threads;
        threads.reserve(callers);
        for (std::size_t i = 0; i < callers; ++i) {
            threads.emplace_back([&, &job = jobs[i]] {
                HttpUser user;
                EXPECT_TRUE(user.get(daemon.url() + "/healthz")) << "the connection stands, and is kept";
                together.arrive_and_wait();
                http::ClientRequest request{"POST", daemon.url() + "/v1/jobs"};
                request.headers.set("Content-Type", "application/json");
                request.headers.set("Prefer", "wait=60");
                request.body = R"({"model":"google/imagen4","input":{"prompt":"a lake"},"reuse":"identical"})";
                if (const auto answer = user.send(std::move(request), 120s)) job = json::parse(answer->body);
            });
        }
    }
    int paid = 0;
    std::set<std::string> digests;
    std::set<std::string> originals;
    for (const auto& job : jobs) {
        ASSERT_TRUE(job.is_object());
        ASSERT_EQ(job.at("status"), "succeeded") << job;
        digests.emplace(job.at("outputs").at(0).at("sha256").as_string());
        if (job.at("reused_from").is_null()) {
            ++paid;
        } else {
            EXPECT_EQ(job.at("credits").to_number<double>(), 0);
            originals.emplace(job.at("reused_from").as_string());
        }
    }
    EXPECT_EQ(paid, 1);
    EXPECT_EQ(digests.size(), 1U);
    EXPECT_EQ(originals.size(), 1U);
    HttpUser user;
    const auto ledger = user.get(sandbox_of(daemon, daemon.process().err()) + "/_sandbox/ledger");
    ASSERT_TRUE(ledger);
    EXPECT_EQ(json::parse(ledger->body).at("creates").as_array().size(), 1U);
}

}  // namespace
}  // namespace genq::test
