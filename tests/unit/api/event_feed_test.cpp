#include <gmock/gmock.h>

#include <algorithm>

#include "server/api/event_filter.hpp"
#include "tests/unit/api/event_tail.hpp"

namespace genq::api::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::SizeIs;
using namespace std::chrono_literals;

/// A feed that keeps four events and hands over two or three at a time, so that readers fall behind soon.
class SmallFeed : public ApiTest {
  protected:
    SmallFeed() : ApiTest({.ring = 4, .batch_bytes = 400, .page = 3}) {}

    std::unique_ptr<Tail> open(const std::string& target, const std::string& after = "") {
        auto response = get(target, {{"Accept", "text/event-stream"}, {"Last-Event-ID", after}});
        EXPECT_EQ(response.status, 200) << text_of(response);
        return std::make_unique<Tail>(io_, std::move(std::get<std::unique_ptr<http::LiveBody>>(response.body)));
    }
    /// What a stream of these events has to bring, in the words of Tail::news().
    std::vector<std::string> table(std::int64_t after, std::optional<JobId> job, const store::JobFilter& filter) {
        std::vector<std::string> lines;
        for (const auto& one : run(store_->events_after(after, job, 100'000))->events) {
            if (job || takes(filter, one)) lines.push_back(std::to_string(one.event.id) + " job." + one.event.name);
        }
        return lines;
    }
};

std::vector<std::string> without_comments(std::vector<std::string> lines) {
    std::erase_if(lines, [](const std::string& line) { return line.starts_with(':'); });
    return lines;
}

TEST_F(SmallFeed, lets_a_slow_reader_go_on_from_the_table) {
    auto slow = open("/v1/events");
    auto quick = open("/v1/events");
    slow->pause();
    std::vector<std::string> ids;
    for (int i = 0; i < 30; ++i) ids.push_back(submit());
    const auto all = table(0, {}, {});
    EXPECT_EQ(without_comments(quick->news()), all);
    EXPECT_THAT(slow->news(), SizeIs(Lt(5u))) << "it holds one piece";
    slow->read();
    EXPECT_THAT(slow->longest(), Lt(600u));
    auto late = open("/v1/events", "0");
    EXPECT_EQ(without_comments(late->news()), all);
    make_submitting(ids.front());
    EXPECT_THAT(late->news(), ElementsAre("31 job.submitting"));
    EXPECT_THAT(quick->news(), ElementsAre("31 job.submitting"));
    auto lines = slow->news();
    EXPECT_EQ(lines.back(), "31 job.submitting");
}

TEST_F(SmallFeed, tells_a_reader_that_fell_behind_what_is_gone) {
    auto slow = open("/v1/events?status=canceled");
    slow->pause();
    (void)slow->news();
    std::vector<std::string> ids;
    for (int i = 0; i < 10; ++i) ids.push_back(submit());
    for (const auto& id : ids) ASSERT_EQ(send("POST", "/v1/jobs/" + id + "/cancel").status, 200);
    (void)slow->news();
    ASSERT_EQ(send("DELETE", "/v1/jobs/" + ids[4]).status, 204);
    slow->read();
    const auto lines = slow->news();
    EXPECT_EQ(std::ranges::count_if(lines, [](const auto& line) { return line.ends_with(" reset"); }), 1);
    EXPECT_EQ(lines.back(), "20 job.canceled");
}

// The events of a commit may be deleted by the next before anybody has read them.
TEST_F(SmallFeed, tells_everybody_of_events_that_nobody_saw) {
    auto tail = open("/v1/events");
    auto filtered = open("/v1/events?label.a=b");
    const auto kept = submit();
    auto of_job = open("/v1/jobs/" + kept + "/events");
    (void)tail->news();
    (void)filtered->news();
    (void)of_job->news();
    NewJob job;
    job.model = job.wire_model = "m";
    job.kind = "image";
    job.input = "{}";
    job.caller = "ann";
    bool done = false;
    // All in one turn of the loop: the store of this test does its work at once.
    boost::asio::co_spawn(
        io_,
        [](store::JobStore& store, NewJob made) -> boost::asio::awaitable<void> {
            const auto accepted = co_await store.accept(std::move(made), std::nullopt);
            (void)co_await store.cancel(accepted->job.id);
            (void)co_await store.erase(accepted->job.id);
        }(*store_, std::move(job)),
        [&done](const std::exception_ptr&) { done = true; });
    genq::test::run_ready(io_);
    ASSERT_TRUE(done);
    make_submitting(kept);
    const auto news = tail->news();
    ASSERT_FALSE(news.empty());
    EXPECT_EQ(std::ranges::count_if(news, [](const auto& line) { return line.ends_with(" reset"); }),
              std::ranges::count(news, "2 job.queued") == 0 ? 1 : 0);
    EXPECT_EQ(news.back(), "4 job.submitting");
    EXPECT_THAT(of_job->news(), ElementsAre("4 job.submitting"));
}

TEST_F(SmallFeed, reads_nothing_while_nobody_listens) {
    {
        auto tail = open("/v1/events");
        (void)submit();
        EXPECT_EQ(without_comments(tail->news()), table(0, {}, {}));
    }
    EXPECT_EQ(events_->readers(), 0u);
    for (int i = 0; i < 10; ++i) (void)submit();
    clock_.advance(io_, 60s);
    EXPECT_EQ(clock_.sleepers(), 0u);
    auto tail = open("/v1/events");
    EXPECT_THAT(tail->news(), ElementsAre(":11"));
    (void)submit();
    EXPECT_THAT(tail->news(), ElementsAre("12 job.queued"));
}

TEST_F(SmallFeed, ends_a_job_s_stream_also_at_the_edge_of_a_page) {
    for (int extra = 0; extra < 4; ++extra) {
        const auto id = submit();
        for (int i = 0; i < extra; ++i) (void)submit();
        make_generating(id);
        make_failed(id, JobErrorCode::generation_timeout);
        ASSERT_EQ(post("/v1/jobs/" + id + "/retry", "").status, 200);
        make_failed(id, JobErrorCode::generation_timeout);
        auto tail = open("/v1/jobs/" + id + "/events");
        EXPECT_EQ(without_comments(tail->news()), table(0, id_of(id), {}));
        EXPECT_TRUE(tail->ended());
    }
}

/// Readers of all kinds that come, pause, read on and go while jobs go on: each is told exactly what the table has for
/// it, in order, once.
class ManyReaders : public SmallFeed, public ::testing::WithParamInterface<unsigned> {
  protected:
    struct Reading {
        std::unique_ptr<Tail> tail;
        std::int64_t after = 0;
        std::optional<JobId> job{};
        store::JobFilter filter{};
        std::vector<std::string> got{};
    };
    std::vector<Reading> readings_;
    std::vector<std::string> ids_;
    SeededRandom dice_{GetParam()};

    void step() {
        const auto id = ids_.empty() ? std::string() : ids_[dice_.below(ids_.size())];
        switch (ids_.empty() ? 0 : dice_.below(8)) {
            case 0:
                ids_.push_back(submit(dice_.below(2) == 0 ? R"(,"labels":{"tier":"a"})" : ""));
                break;
            case 1:
                (void)run(store_->record_intent({.id = id_of(id), .attempt = 1}));
                break;
            case 2:
                (void)send("POST", "/v1/jobs/" + id + "/cancel");
                break;
            case 3:
                come(id);
                break;
            case 4:
                if (!readings_.empty()) readings_[dice_.below(readings_.size())].tail->pause();
                break;
            case 5:
                if (!readings_.empty()) readings_[dice_.below(readings_.size())].tail->read();
                break;
            default:
                clock_.advance(io_, 3s);
        }
        for (auto& reading : readings_) std::ranges::move(reading.tail->news(), std::back_inserter(reading.got));
    }

    void come(const std::string& id) {
        const auto newest = run(store_->events_after(0, {}, 0))->newest;
        Reading reading;
        std::string target = "/v1/events";
        reading.after = static_cast<std::int64_t>(dice_.below(static_cast<std::uint64_t>(newest) + 1));
        switch (dice_.below(4)) {
            case 0:
                target += "?label.tier=a";
                reading.filter.labels = {{"tier", "a"}};
                break;
            case 1:
                target += "?status=canceled";
                reading.filter.statuses = {JobStatus::canceled};
                break;
            case 2:
                target = "/v1/jobs/" + id + "/events";
                reading.job = id_of(id);
                reading.after = 0;
                break;
            default:
                break;
        }
        reading.tail = open(target, std::to_string(reading.after));
        readings_.push_back(std::move(reading));
    }
};

TEST_P(ManyReaders, are_each_told_everything_once) {
    for (int i = 0; i < 300; ++i) step();
    for (auto& reading : readings_) {
        reading.tail->read();
        std::ranges::move(reading.tail->news(), std::back_inserter(reading.got));
        EXPECT_EQ(without_comments(reading.got), table(reading.after, reading.job, reading.filter));
        if (reading.job) EXPECT_EQ(reading.tail->ended(), is_terminal(stored(reading.job->text()).status));
    }
    EXPECT_GT(readings_.size(), 5u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ManyReaders, ::testing::Range(1U, 13U));

}  // namespace
}  // namespace genq::api::test
