#include "server/tracing/exporter.hpp"

#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/json/parse.hpp>
#include <set>

#include "common/http/trace_context.hpp"
#include "server/tracing/job_trace.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::tracing::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using api::test::ApiTest;
using api::test::json_of;

constexpr int no_answer = 0;    // the connection is lost
constexpr int black_hole = -1;  // nothing comes, ever

/// Takes traces; answers as the test says, 200 if it says nothing.
class Collector final : public http::Transport {
  public:
    explicit Collector(Clock& clock) : clock_(clock) {}
    class Line final : public http::Connection {
      public:
        explicit Line(Collector& to) : to_(to) {}
        asio::awaitable<http::Exchange> send(http::ClientRequest request, SteadyTime deadline) override {
            to_.requests.push_back(std::move(request));
            to_.at.push_back(to_.clock_.now());
            const int said = to_.status;
            if (said == black_hole) {
                co_await to_.clock_.sleep_until(deadline);
                co_return http::Exchange{fail(errc::timeout, "no answer in time"), http::Written::fully};
            }
            if (to_.takes > 0ms) co_await to_.clock_.sleep_until(to_.clock_.now() + to_.takes);
            if (said == no_answer) co_return http::Exchange{fail(errc::connection_lost, ""), http::Written::fully};
            if (said == 200) to_.keep(to_.requests.back().body);
            co_return http::Exchange{http::ClientResponse{.status = said, .headers = to_.headers, .body = "{}"},
                                     http::Written::fully};
        }

      private:
        Collector& to_;
    };
    asio::awaitable<Result<std::unique_ptr<http::Connection>>> connect(std::string, SteadyTime) override {
        co_return std::make_unique<Line>(*this);
    }
    asio::awaitable<Result<http::Download>> download(http::DownloadRequest, http::Sink&) override {
        co_return fail(errc::unsupported, "");
    }

    int status = 200;
    std::chrono::milliseconds takes{0};  ///< it to answer
    http::Fields headers;
    std::vector<http::ClientRequest> requests;
    std::vector<SteadyTime> at;        ///< of the requests
    std::vector<std::size_t> spans;    ///< of each request that was taken
    std::multiset<std::string> roots;  ///< the jobs' ids of all that were taken

  private:
    void keep(const std::string& body) {
        const auto parsed = boost::json::parse(body);
        const auto& all = parsed.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").as_array();
        spans.push_back(all.size());
        for (const auto& span : all) {
            if (span.at("kind") != 5) continue;
            roots.emplace(span.at("attributes").at(0).at("value").at("stringValue").as_string());
        }
    }
    Clock& clock_;
};

class ExporterTest : public ApiTest {
  protected:
    void TearDown() override { stop(); }

    void start() {
        exporter_ = std::make_unique<Exporter>(
            io_.get_executor(), Ports{*store_, collector_, clock_, random_, log_, *metrics_},
            ExporterOptions{"http://collector:4318/", {{"Authorization", "Bearer x"}}, {"studio", "1", "i"}});
        ASSERT_TRUE(run(exporter_->begin()));
        running_ = 2;
        const auto ended = [this](const std::exception_ptr&) { --running_; };
        asio::co_spawn(io_, exporter_->read(), asio::bind_cancellation_slot(stop_reader_.slot(), ended));
        asio::co_spawn(io_, exporter_->send(), asio::bind_cancellation_slot(stop_sender_.slot(), ended));
        pass(0s);
    }
    void stop() {
        stop_reader_.emit(asio::cancellation_type::terminal);
        stop_sender_.emit(asio::cancellation_type::terminal);
        genq::test::run_ready(io_);
        EXPECT_EQ(running_, 0);
    }
    /// Drains with that limit; how long it took.
    std::chrono::milliseconds drain(std::chrono::milliseconds limit) {
        const SteadyTime begun = clock_.now();
        bool done = false;
        asio::co_spawn(io_, exporter_->drain(begun + limit), [&done](const std::exception_ptr&) { done = true; });
        EXPECT_TRUE(clock_.run_until(io_, [&done] { return done; }, 1min));
        return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - begun);
    }
    void pass(std::chrono::milliseconds time) { clock_.advance(io_, time); }
    std::string canceled(http::Fields headers = {}) {
        const auto id = submit("", std::move(headers));
        EXPECT_EQ(post("/v1/jobs/" + id + "/cancel", "").status, 200);
        return id;
    }
    /// That many thousands of jobs end at once: two spans each.
    void cancel_thousands(int count) {
        std::string jobs;
        for (int i = 0; i < 1000; ++i) jobs += R"({"model":"google/imagen4","input":{"prompt":"x"}},)";
        jobs.pop_back();
        for (int i = 0; i < count; ++i) ASSERT_EQ(post("/v1/batches", R"({"jobs":[)" + jobs + "]}").status, 202);
        const auto done = post("/v1/jobs/bulk", R"({"action":"cancel","filter":{},"all":true})");
        ASSERT_EQ(json_of(done).at("done"), count * 1000);
    }
    [[nodiscard]] int counted(const std::string& name) const {
        const auto text = metrics_->render();
        const auto at = text.find("\ngenqd_traces_" + name + "_total ");
        return at == std::string::npos ? -1 : std::stoi(text.substr(text.find(' ', at + 1)));
    }

    Collector collector_{clock_};
    std::unique_ptr<Exporter> exporter_;
    asio::cancellation_signal stop_reader_;
    asio::cancellation_signal stop_sender_;
    int running_ = 0;
};

TEST_F(ExporterTest, links_a_job_with_those_that_it_refers_to) {
    start();
    const auto first = submit();
    const auto second = post("/v1/jobs", R"({"model":"made/up","family":"market","input":{"image":"genqd:job/)" +
                                             first + R"(/outputs/0"}})");
    ASSERT_EQ(second.status, 202);
    const auto id = std::string(json_of(second).at("id").as_string());
    EXPECT_EQ(post("/v1/jobs/" + id + "/cancel", "").status, 200);
    pass(7s);
    ASSERT_EQ(collector_.requests.size(), 1U);
    const auto own = http::read_traceparent(own_traceparent(id_of(first)));
    EXPECT_NE(collector_.requests.front().body.find(R"("links":[{"traceId":")" + own.trace_id + R"(","spanId":")" +
                                                    own.span_id + "\""),
              std::string::npos)
        << collector_.requests.front().body;
}

TEST_F(ExporterTest, tells_of_what_ended_since_it_began_five_seconds_later_in_one_request) {
    (void)canceled();
    const auto open = submit();
    start();
    ASSERT_EQ(post("/v1/jobs/" + open + "/cancel", "").status, 200);
    pass(2s);
    const auto other = canceled();
    pass(3s);
    EXPECT_TRUE(collector_.requests.empty());
    pass(2s);
    ASSERT_EQ(collector_.requests.size(), 1U);
    EXPECT_EQ(collector_.roots, (std::multiset{open, other}));
    const auto& request = collector_.requests.front();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "http://collector:4318/v1/traces");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(request.headers.get("Authorization"), "Bearer x");
    EXPECT_TRUE(request.body.contains(R"({"key":"service.name","value":{"stringValue":"studio"}})"));
    pass(1h);
    EXPECT_EQ(collector_.requests.size(), 1U) << "once is enough";
    EXPECT_EQ(counted("exported"), 2);
    EXPECT_EQ(counted("dropped"), 0);
}

TEST_F(ExporterTest, leaves_out_what_the_caller_does_not_record_and_what_was_deleted) {
    start();
    (void)canceled({{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"}});
    const auto deleted = canceled();
    ASSERT_EQ(send("DELETE", "/v1/jobs/" + deleted).status, 204);
    const auto told = canceled({{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
    pass(10s);
    EXPECT_EQ(collector_.roots, std::multiset{told});
    EXPECT_EQ(counted("dropped"), 0);
}

TEST_F(ExporterTest, sends_a_full_batch_at_once_and_loses_nothing_of_a_burst) {
    collector_.takes = 100ms;
    start();
    cancel_thousands(3);
    pass(3s);
    EXPECT_GE(collector_.spans.size(), 11U) << "of 6000 spans";
    EXPECT_EQ(std::ranges::max(collector_.spans), 512U);
    pass(6s);
    EXPECT_EQ(collector_.roots.size(), 3000U);
    EXPECT_EQ(std::set<std::string>(collector_.roots.begin(), collector_.roots.end()).size(), 3000U);
    EXPECT_EQ(counted("exported"), 3000);
    EXPECT_EQ(counted("dropped"), 0);
}

TEST_F(ExporterTest, drops_the_oldest_while_the_collector_takes_none) {
    collector_.status = no_answer;
    start();
    (void)canceled();
    pass(7s);
    ASSERT_FALSE(collector_.requests.empty());
    cancel_thousands(3);
    const auto newest = canceled();
    pass(10s);
    const int dropped = counted("dropped");
    EXPECT_EQ(dropped, 3001 - 4096 / 2);
    collector_.status = 200;
    pass(1min);
    EXPECT_EQ(counted("dropped"), dropped);
    EXPECT_EQ(counted("exported"), 3002 - dropped);
    EXPECT_TRUE(collector_.roots.contains(newest));
}

TEST_F(ExporterTest, tries_again_when_the_collector_says_so_and_no_sooner) {
    collector_.status = 503;
    collector_.headers = {{"Retry-After", "40"}};
    start();
    const auto id = canceled();
    pass(7s);
    ASSERT_EQ(collector_.requests.size(), 1U);
    pass(38s);
    EXPECT_EQ(collector_.requests.size(), 1U);
    collector_.status = 200;
    pass(3s);
    ASSERT_EQ(collector_.requests.size(), 2U);
    EXPECT_GE(collector_.at[1] - collector_.at[0], 40s);
    EXPECT_EQ(collector_.requests[0].body, collector_.requests[1].body);
    EXPECT_EQ(collector_.roots, std::multiset{id});
}

TEST_F(ExporterTest, backs_off_and_gives_a_batch_up_after_five_minutes) {
    collector_.status = no_answer;
    start();
    (void)canceled();
    pass(6min);
    EXPECT_EQ(counted("dropped"), 1);
    EXPECT_GE(collector_.requests.size(), 8U);
    EXPECT_LE(collector_.requests.size(), 60U);
    EXPECT_LE(collector_.at.back() - collector_.at.front(), 5min);
    collector_.status = 200;
    const auto id = canceled();
    pass(1min);
    EXPECT_EQ(collector_.roots, std::multiset{id});
}

TEST_F(ExporterTest, holds_to_a_wait_that_is_longer_than_it_keeps_a_batch) {
    collector_.status = 429;
    collector_.headers = {{"Retry-After", "3600"}};
    start();
    (void)canceled();
    pass(7s);
    EXPECT_EQ(counted("dropped"), 1);
    collector_.status = 200;
    const auto id = canceled();
    pass(59min);
    EXPECT_EQ(collector_.requests.size(), 1U);
    pass(2min);
    EXPECT_EQ(collector_.roots, std::multiset{id});
}

TEST_F(ExporterTest, never_repeats_what_the_collector_refuses) {
    collector_.status = 400;
    start();
    (void)canceled();
    pass(10min);
    EXPECT_EQ(collector_.requests.size(), 1U);
    EXPECT_EQ(counted("dropped"), 1);
}

TEST_F(ExporterTest, gives_a_request_ten_seconds) {
    collector_.status = black_hole;
    start();
    (void)canceled();
    pass(7s);
    ASSERT_EQ(collector_.requests.size(), 1U);
    collector_.status = 200;
    pass(8s);
    EXPECT_EQ(collector_.requests.size(), 1U);
    pass(5s);
    EXPECT_EQ(counted("exported"), 1);
}

TEST_F(ExporterTest, sends_what_there_is_when_the_daemon_stops) {
    start();
    const auto id = canceled();
    EXPECT_EQ(drain(2s), 0s);
    EXPECT_EQ(collector_.roots, std::multiset{id});
    EXPECT_EQ(running_, 0) << "both have ended by themselves";
}

TEST_F(ExporterTest, holds_up_a_stop_no_longer_than_it_may) {
    start();
    collector_.status = black_hole;
    for (int i = 0; i < 5; ++i) (void)canceled();
    EXPECT_EQ(drain(2s), 2s);
    EXPECT_EQ(counted("dropped"), 5);
    EXPECT_EQ(counted("exported"), 0);
}

TEST_F(ExporterTest, gives_up_at_a_stop_what_is_under_way_already) {
    start();
    collector_.status = black_hole;
    (void)canceled();
    pass(7s);
    ASSERT_EQ(collector_.requests.size(), 1U);
    (void)canceled();
    EXPECT_EQ(drain(2s), 2s);
    EXPECT_EQ(counted("dropped"), 2);
}

TEST_F(ExporterTest, tries_once_more_at_a_stop_and_not_again) {
    collector_.status = 503;
    collector_.headers = {{"Retry-After", "60"}};
    start();
    (void)canceled();
    pass(7s);
    (void)canceled();
    EXPECT_LT(drain(2s), 1s);
    EXPECT_EQ(collector_.requests.size(), 3U) << "the batch that waited, and what came after it";
    EXPECT_EQ(counted("dropped"), 2);
}

}  // namespace
}  // namespace genq::tracing::test
