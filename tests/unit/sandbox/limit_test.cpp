#include "server/sandbox/limit.hpp"

#include <gtest/gtest.h>

#include "tests/unit/sandbox/rig.hpp"

namespace genq::sandbox::test {
namespace {

SteadyTime at(int ms) {
    return SteadyTime(std::chrono::hours(1)) + std::chrono::milliseconds(ms);
}

TEST(SlidingWindow, lets_in_exactly_the_limit_and_one_more_when_the_first_has_left) {
    SlidingWindow window(20, 10s);
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(window.admit(at(i)));
    EXPECT_FALSE(window.admit(at(9'999)));
    EXPECT_TRUE(window.admit(at(10'000)));
    EXPECT_FALSE(window.admit(at(10'000)));
    EXPECT_TRUE(window.admit(at(10'001)));
}

TEST(SlidingWindow, does_not_count_what_it_refused) {
    SlidingWindow window(1, 10s);
    EXPECT_TRUE(window.admit(at(0)));
    for (int ms = 1; ms < 10'000; ms += 1'000) EXPECT_FALSE(window.admit(at(ms)));
    EXPECT_TRUE(window.admit(at(10'000)));
}

TEST(SlidingWindow, remembers_the_fullest_window_wherever_it_started) {
    SlidingWindow window(0, 10s);
    for (const int ms : {0, 6'000, 7'000, 8'000, 15'999, 16'000, 40'000}) window.record(at(ms));
    EXPECT_EQ(window.largest(), 4U);
}

TEST(Service, refuses_by_http_429_and_tells_the_ledger) {
    auto options = Rig::quick();
    options.limit_requests = 2;
    Rig rig(options);
    EXPECT_EQ(rig.send("GET", "/api/v1/chat/credit").response.status, 200);
    EXPECT_EQ(rig.send("GET", "/api/v1/chat/credit").response.status, 200);
    const auto refused = rig.send("POST", "/api/v1/jobs/createTask", R"({"model":"z-image","input":{"prompt":"a"}})");
    EXPECT_EQ(refused.response.status, 429);
    EXPECT_EQ(code_of(read(body_of(refused)).as_object()), 429);
    EXPECT_EQ(rig.ledger().refused, 1U);
    EXPECT_EQ(rig.ledger().max_in_window, 3U);
    EXPECT_TRUE(rig.ledger().creates.empty());
    rig.pass(10s);
    EXPECT_EQ(rig.send("GET", "/api/v1/chat/credit").response.status, 200);
    EXPECT_EQ(rig.ledger().max_in_window, 3U);
}

TEST(Service, counts_only_creates_when_asked_to) {
    auto options = Rig::quick();
    options.limit_requests = 1;
    options.limit_all = false;
    Rig rig(options);
    rig.create("/api/v1/jobs/createTask", R"({"model":"z-image","input":{"prompt":"a"}})");
    EXPECT_EQ(rig.send("GET", "/api/v1/chat/credit").response.status, 200);
    EXPECT_EQ(rig.send("POST", "/api/v1/veo/generate", R"({"prompt":"a"})").response.status, 429);
}

TEST(Service, media_and_its_own_paths_do_not_count) {
    auto options = Rig::quick();
    options.limit_requests = 1;
    Rig rig(options);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(rig.send("GET", "/_sandbox/ledger").response.status, 200);
        EXPECT_EQ(rig.send("GET", "/media/none/0.png").response.status, 404);
    }
    EXPECT_EQ(rig.send("GET", "/api/v1/chat/credit").response.status, 200);
    EXPECT_EQ(rig.ledger().max_in_window, 1U);
}

}  // namespace
}  // namespace genq::sandbox::test
