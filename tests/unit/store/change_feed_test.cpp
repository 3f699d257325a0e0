#include "server/store/change_feed.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>

#include <thread>

#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace genq::store {
namespace {

struct ChangeFeedTest : testing::Test {
    boost::asio::io_context io;
    genq::test::FakeClock clock;
    ChangeFeed feed{clock};
    std::optional<bool> woken;

    static boost::asio::awaitable<void> wait(ChangeFeed::Ticket& ticket, SteadyTime until, std::optional<bool>& woken) {
        woken = co_await ticket.wait(until);
    }
    void spawn(ChangeFeed::Ticket& ticket, std::chrono::seconds limit) {
        woken.reset();
        boost::asio::co_spawn(io, wait(ticket, clock.now() + limit, woken), [](std::exception_ptr) {});
        genq::test::run_ready(io);
    }
};
using ChangeFeed_ = ChangeFeedTest;

TEST_F(ChangeFeed_, remembers_a_change_between_the_ticket_and_the_wait) {
    auto ticket = feed.watch(7);
    feed.publish({3, 7});
    spawn(ticket, std::chrono::seconds(1));
    EXPECT_EQ(woken, true);
}

TEST_F(ChangeFeed_, wakes_a_waiter_of_that_job_alone) {
    auto ticket = feed.watch(7);
    spawn(ticket, std::chrono::seconds(10));
    feed.publish({8});
    genq::test::run_ready(io);
    EXPECT_EQ(woken, std::nullopt);
    std::thread([this] { feed.publish({7}); }).join();
    genq::test::run_ready(io);
    EXPECT_EQ(woken, true);
}

TEST_F(ChangeFeed_, gives_up_when_the_time_is_over) {
    auto ticket = feed.watch(7);
    spawn(ticket, std::chrono::seconds(10));
    clock.advance(io, std::chrono::seconds(9));
    EXPECT_EQ(woken, std::nullopt);
    clock.advance(io, std::chrono::seconds(2));
    EXPECT_EQ(woken, false);
}

TEST_F(ChangeFeed_, waits_again_for_the_next_change) {
    auto ticket = feed.watch(7);
    spawn(ticket, std::chrono::seconds(10));
    feed.publish({7});
    feed.publish({7});
    genq::test::run_ready(io);
    EXPECT_EQ(woken, true);
    spawn(ticket, std::chrono::seconds(10));
    EXPECT_EQ(woken, std::nullopt) << "both changes were seen by then";
    feed.publish_all();
    genq::test::run_ready(io);
    EXPECT_EQ(woken, true);
}

TEST_F(ChangeFeed_, forgets_a_watch_with_its_ticket) {
    {
        const auto one = feed.watch(7);
        const auto two = feed.watch(7);
        EXPECT_EQ(feed.watchers(), 2U);
    }
    EXPECT_EQ(feed.watchers(), 0U);
    feed.publish({7});
}

}  // namespace
}  // namespace genq::store
