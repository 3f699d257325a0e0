#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fstream>
#include <mutex>
#include <thread>

#include "common/crypto/sha256.hpp"
#include "tests/e2e/daemon.hpp"
#include "tests/e2e/http_user.hpp"

namespace genq::test {
namespace {

constexpr int clients = 64;

/// 64 clients that send a job each at the same moment; how often each status was the answer.
std::map<int, int> submit_together(const std::string& url, const std::string& bearer) {
    std::map<int, int> answers;
    std::mutex mutex;
    std::barrier together(clients);
    {
        std::vector<std::jthread> threads;
        threads.reserve(clients);
        for (int i = 0; i < clients; ++i) {
            threads.emplace_back([&] {
                HttpUser user;
                EXPECT_TRUE(user.get(url + "/healthz")) << "the connection stands, and is kept";
                together.arrive_and_wait();
                http::ClientRequest request{.method = "POST", .url = url + "/v1/jobs"};
                request.headers.add("Content-Type", "application/json");
                if (!bearer.empty()) request.headers.add("Authorization", "Bearer " + bearer);
                request.body = R"({"model":"google/imagen4","input":{"prompt":"x"}})";
                const auto answer = user.send(std::move(request), std::chrono::seconds(120));
                const std::lock_guard lock(mutex);
                ++answers[answer ? answer->status : 0];
            });
        }
    }
    return answers;
}

TEST(Budget, is_not_passed_by_64_clients_at_once) {
    Daemon daemon;
    // 17 jobs at 7 credits each: an eighteenth would pass the limit.
    ASSERT_TRUE(daemon.start({{"GENQD_BUDGET__CREDITS_PER_DAY", "125"}, {"GENQD_BUDGET__UNKNOWN_CREDITS", "7"}}));
    ASSERT_EQ(daemon.client({"pause"}).code, 0) << "so that nothing is settled while it is counted";
    EXPECT_EQ(submit_together(daemon.url(), ""), (std::map<int, int>{{202, 17}, {402, clients - 17}}));
    const auto usage = boost::json::parse(HttpUser().get(daemon.url() + "/v1/usage")->body).as_object();
    EXPECT_EQ(usage.at("total").as_object().at("jobs").as_int64(), 17);
    EXPECT_EQ(usage.at("total").as_object().at("credits_reserved").to_number<double>(), 17 * 7);
}

TEST(Budget, of_a_token_is_not_passed_either_and_is_reloaded) {
    Daemon daemon;
    const auto tokens = daemon.folder() / "tokens.toml";
    const auto write = [&](const std::string& credits) {
        std::ofstream(tokens) << "[[tokens]]\nname = \"ci\"\nsha256 = \"" << crypto::sha256_hex("secret")
                              << "\"\nscopes = [\"submit\", \"read\", \"admin\"]\ncredits_per_day = " << credits
                              << "\n";
    };
    write("100");
    ASSERT_TRUE(daemon.start({{"GENQD_AUTH__TOKENS_FILE", tokens.string()}}));
    ASSERT_EQ(daemon.client({"pause"}, {{"GENQD_TOKEN", "secret"}}).code, 0);
    EXPECT_EQ(submit_together(daemon.url(), "secret"), (std::map<int, int>{{202, 2}, {402, clients - 2}}));
    write("250");
    ASSERT_TRUE(daemon.reload());
    EXPECT_EQ(submit_together(daemon.url(), "secret"), (std::map<int, int>{{202, 3}, {402, clients - 3}}));
}

}  // namespace
}  // namespace genq::test
