#include "common/async/signal.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "common/async/task_group.hpp"
#include "tests/support/fake_clock.hpp"

namespace genq::async {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct SignalTest : ::testing::Test {
    asio::io_context io;
    test::FakeClock clock;
    Signal signal{io.get_executor(), clock};
    std::optional<bool> notified;

    void wait(SteadyTime until) {
        notified.reset();
        asio::co_spawn(io, signal.wait_until(until), [this](std::exception_ptr, bool value) { notified = value; });
        test::run_ready(io);
    }
};

TEST_F(SignalTest, wakes_the_waiter) {
    wait(clock.now() + 10s);
    EXPECT_FALSE(notified);
    signal.notify();
    test::run_ready(io);
    EXPECT_EQ(notified, true);
}

TEST_F(SignalTest, keeps_a_notification_that_nobody_waited_for) {
    signal.notify();
    signal.notify();
    test::run_ready(io);
    wait(clock.now() + 10s);
    EXPECT_EQ(notified, true);
    wait(clock.now() + 10s);
    EXPECT_FALSE(notified) << "two notifications before a wait are one";
    clock.advance(io, 11s);
    EXPECT_EQ(notified, false);
}

TEST_F(SignalTest, gives_up_at_its_time) {
    wait(clock.now() + 10s);
    clock.advance(io, 11s);
    EXPECT_EQ(notified, false);
    EXPECT_EQ(clock.sleepers(), 0U);
}

}  // namespace
}  // namespace genq::async
