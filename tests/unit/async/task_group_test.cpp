#include "common/async/task_group.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <stdexcept>

#include "tests/support/fake_clock.hpp"

namespace genq::async {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> sleep_for_and_count(Clock& clock, std::chrono::milliseconds time, int& count) {
    co_await clock.sleep_until(clock.now() + time);
    ++count;
}

asio::awaitable<void> throwing() {
    throw std::runtime_error("broken");
    co_return;
}

struct Fixture : ::testing::Test {
    asio::io_context io;
    test::FakeClock clock;
    std::vector<std::string> errors;
    TaskGroup group{io.get_executor(), [this](const std::string& name, std::exception_ptr) { errors.push_back(name); }};
    bool joined = false;

    void join() {
        asio::co_spawn(io, group.join(), [this](std::exception_ptr) { joined = true; });
    }
};

using TaskGroupTest = Fixture;

TEST_F(TaskGroupTest, join_waits_for_all_tasks) {
    int done = 0;
    group.spawn("a", sleep_for_and_count(clock, 1s, done));
    group.spawn("b", sleep_for_and_count(clock, 2s, done));
    join();
    clock.advance(io, 1'500ms);
    EXPECT_FALSE(joined);
    EXPECT_EQ(done, 1);
    clock.advance(io, 1s);
    EXPECT_TRUE(joined);
    EXPECT_EQ(done, 2);
}

TEST_F(TaskGroupTest, cancel_ends_what_sleeps_and_drops_what_comes_after) {
    int done = 0;
    group.spawn("a", sleep_for_and_count(clock, 1h, done));
    test::run_ready(io);
    group.cancel();
    test::run_ready(io);
    group.spawn("b", sleep_for_and_count(clock, 1s, done));
    join();
    clock.advance(io, 2s);
    EXPECT_TRUE(joined);
    EXPECT_EQ(done, 0);
    EXPECT_TRUE(errors.empty());
}

TEST_F(TaskGroupTest, reports_what_a_task_throws_by_its_name) {
    group.spawn("bad", throwing());
    join();
    test::run_ready(io);
    EXPECT_EQ(errors, std::vector<std::string>{"bad"});
    EXPECT_TRUE(joined);
}

}  // namespace
}  // namespace genq::async
