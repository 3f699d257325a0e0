#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <charconv>
#include <future>
#include <optional>
#include <thread>

#include "common/async/task_group.hpp"
#include "common/core/random.hpp"
#include "server/api/event_feed.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::api::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

std::vector<std::int64_t> ids_in(std::string_view text) {
    std::vector<std::int64_t> ids;
    for (auto at = text.find("id: "); at != std::string_view::npos; at = text.find("\nid: ", at)) {
        at = text.find("id: ", at) + 4;
        std::int64_t id = 0;
        std::from_chars(text.data() + at, text.data() + text.size(), id);
        ids.push_back(id);
    }
    return ids;
}

/// The real store with its threads, and a feed that keeps so little that its readers are always about to fall behind.
class LiveFeed : public ::testing::Test {
  protected:
    static constexpr int threads = 3;

    LiveFeed() {
        store::SqliteOptions options;
        options.path = folder_ / "genqd.db";
        options.synchronous = store::Synchronous::normal;
        options.on_commit = [this](std::size_t) { committed_.notify(); };
        store_ = store::SqliteJobStore::open(std::move(options), clock_, random_).value();
        feed_.emplace(*store_, clock_, log_, committed_,
                      EventFeed::Options{.ring = 8, .batch_bytes = 600, .page = 5, .heartbeat = 30ms});
        for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { io_.run(); });
        tasks_.spawn("events", feed_->run());
    }
    ~LiveFeed() override {
        tasks_.cancel();
        run(tasks_.join());
        work_.reset();
        for (auto& thread : threads_) thread.join();
    }

    template <class T>
    T run(asio::awaitable<T> task) {
        return asio::co_spawn(control_, std::move(task), asio::use_future).get();
    }

    /// Reads until it has seen event `last_`, coming back again and again where it was.
    static asio::awaitable<std::vector<std::int64_t>> follow(LiveFeed& self, WantedEvents wanted, std::uint64_t seed) {
        SeededRandom dice(seed);
        std::vector<std::int64_t> got;
        std::optional<std::int64_t> after = 0;
        for (;;) {
            auto reader = self.feed_->open(wanted, co_await asio::this_coro::executor);
            if (!co_await reader->begin(after)) co_return got;
            for (auto batches = 1 + dice.below(6); batches > 0; --batches) {
                const auto last = self.last_.load();
                const auto batch = co_await reader->next();
                EXPECT_TRUE(batch);
                if (!batch) co_return got;
                EXPECT_FALSE(batch->missed);
                const auto ids = ids_in(batch->text);
                got.insert(got.end(), ids.begin(), ids.end());
                after = batch->up_to;
                if (last > 0 && *after >= last) co_return got;
            }
        }
    }

    NewJob job(bool labeled) {
        NewJob made;
        made.model = made.wire_model = "m";
        made.kind = "image";
        made.input = "{}";
        made.caller = "ann";
        if (labeled) made.labels = {{"tier", "a"}};
        return made;
    }

    genq::test::TempFolder folder_;
    SystemClock clock_;
    SystemRandom random_;
    log::Logger log_{log::Level::error, log::Format::text};
    asio::io_context io_{threads};
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    asio::strand<asio::io_context::executor_type> control_ = asio::make_strand(io_);
    async::Signal committed_{control_, clock_};
    async::TaskGroup tasks_{control_, [](const std::string& name, std::exception_ptr) { ADD_FAILURE() << name; }};
    std::unique_ptr<store::SqliteJobStore> store_;
    std::optional<EventFeed> feed_;
    std::atomic<std::int64_t> last_{0};
    std::vector<std::thread> threads_;
};

TEST_F(LiveFeed, tells_each_of_many_readers_everything_once_while_jobs_come_and_go) {
    const WantedEvents all;
    WantedEvents labeled;
    labeled.filter.labels = {{"tier", "a"}};
    std::vector<std::future<std::vector<std::int64_t>>> of_all;
    std::vector<std::future<std::vector<std::int64_t>>> of_labeled;
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        of_all.push_back(asio::co_spawn(asio::make_strand(io_), follow(*this, all, seed), asio::use_future));
        of_labeled.push_back(asio::co_spawn(asio::make_strand(io_), follow(*this, labeled, seed), asio::use_future));
    }
    SeededRandom dice(1);
    for (int i = 0; i < 300; ++i) {
        const auto made = run(store_->accept(job(dice.below(2) == 0), std::nullopt));
        ASSERT_TRUE(made);
        if (dice.below(2) == 0) ASSERT_TRUE(run(store_->cancel(made->job.id)));
    }
    last_ = run(store_->events_after(0, {}, 0))->newest;
    const auto table = run(store_->events_after(0, {}, 10'000)).value();
    std::vector<std::int64_t> every;
    std::vector<std::int64_t> those_labeled;
    for (const auto& event : table.events) {
        every.push_back(event.event.id);
        if (!event.labels.empty()) those_labeled.push_back(event.event.id);
    }
    for (auto& reader : of_all) EXPECT_EQ(reader.get(), every);
    for (auto& reader : of_labeled) EXPECT_EQ(reader.get(), those_labeled);
    EXPECT_EQ(feed_->readers(), 0u);
}

TEST_F(LiveFeed, wakes_the_readers_of_one_job_and_ends_them_with_it) {
    std::vector<std::future<std::vector<std::int64_t>>> readers;
    std::vector<JobId> ids;
    const auto to_end = [](EventFeed& feed, JobId id) -> asio::awaitable<std::vector<std::int64_t>> {
        auto reader = feed.open({.job = id}, co_await asio::this_coro::executor);
        std::vector<std::int64_t> got;
        if (!co_await reader->begin(std::nullopt)) co_return got;
        for (bool ended = false; !ended;) {
            const auto batch = co_await reader->next();
            if (!batch) break;
            std::ranges::move(ids_in(batch->text), std::back_inserter(got));
            ended = batch->ended;
        }
        co_return got;
    };
    for (int i = 0; i < 50; ++i) {
        ids.push_back(run(store_->accept(job(false), std::nullopt)).value().job.id);
        readers.push_back(asio::co_spawn(asio::make_strand(io_), to_end(*feed_, ids.back()), asio::use_future));
    }
    for (const auto& id : ids) ASSERT_TRUE(run(store_->cancel(id)));
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto number = static_cast<std::int64_t>(i) + 1;
        EXPECT_EQ(readers[i].get(), (std::vector<std::int64_t>{number, number + 50}));
    }
}

}  // namespace
}  // namespace genq::api::test
