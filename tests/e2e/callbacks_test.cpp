#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <regex>

#include "tests/e2e/daemon.hpp"

namespace genq::test {
namespace {

/// An address that was free a moment ago: callbacks want to know where to before the daemon is up.
std::string free_address() {
    Daemon daemon;
    if (!daemon.start()) return "";
    daemon.process().signal(SIGTERM);
    EXPECT_EQ(daemon.process().wait(), 0);
    return daemon.url().substr(std::string("http://").size());
}

TEST(Callbacks, end_jobs_without_a_query_and_leave_no_token_in_the_log) {
    const auto address = free_address();
    Daemon daemon({"--listen", address});
    ASSERT_TRUE(daemon.start({{"GENQD_CALLBACKS__PUBLIC_URL", "http://" + address},
                              {"GENQD_CALLBACKS__HMAC_KEY", "webhook-key"},
                              {"GENQD_LOG__LEVEL", "debug"}}));
    const auto done = daemon.client({"submit", "google/imagen4", "prompt=a red fox", "--wait", "--json"});
    ASSERT_EQ(done.code, 0) << done.err << daemon.process().err();
    const auto id = std::string(boost::json::parse(done.out).as_object().at("id").as_string());
    const auto job = boost::json::parse(daemon.client({"status", id, "--json"}).out).as_object();
    EXPECT_EQ(job.at("status").as_string(), "succeeded");
    EXPECT_EQ(job.at("upstream").as_object().at("polls").as_int64(), 0);

    daemon.process().signal(SIGTERM);
    EXPECT_EQ(daemon.process().wait(), 0);
    const auto log = daemon.process().err();
    EXPECT_NE(log.find("/v1/callbacks/{job}/{token}"), std::string::npos) << "the call was logged by its route";
    EXPECT_FALSE(std::regex_search(log, std::regex(R"(\b[0-9a-f]{32}\b)"))) << log;
    EXPECT_EQ(log.find("webhook-key"), std::string::npos);
}

}  // namespace
}  // namespace genq::test
