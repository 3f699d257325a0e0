#include "server/webhooks/sender.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/json/parse.hpp>

#include "common/http/url.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::webhooks::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using api::test::ApiTest;
using api::test::json_of;
using api::test::text_of;

constexpr int no_answer = 0;    // the connection is lost
constexpr int black_hole = -1;  // nothing comes, ever

/// Receives webhooks; answers each host as the test says, 200 if it says nothing.
class Receivers final : public http::Transport {
  public:
    explicit Receivers(Clock& clock) : clock_(clock) {}
    class Line final : public http::Connection {
      public:
        explicit Line(Receivers& to) : to_(to) {}
        asio::awaitable<http::Exchange> send(http::ClientRequest request, SteadyTime deadline) override {
            const auto url = *http::parse_url(request.url);
            const auto host = url.host + (to_.by_path ? url.target : "");
            const auto at = to_.answers.find(host);
            const int status = at == to_.answers.end() ? 200 : at->second;
            to_.got[host].push_back(std::move(request));
            if (status == black_hole) {
                co_await to_.clock_.sleep_until(deadline);
                co_return http::Exchange{fail(errc::timeout, "no answer in time"), http::Written::fully};
            }
            if (status == no_answer) co_return http::Exchange{fail(errc::connection_lost, ""), http::Written::fully};
            co_return http::Exchange{http::ClientResponse{.status = status, .headers = {}, .body = ""},
                                     http::Written::fully};
        }

      private:
        Receivers& to_;
    };
    asio::awaitable<Result<std::unique_ptr<http::Connection>>> connect(std::string, SteadyTime) override {
        co_return std::make_unique<Line>(*this);
    }
    asio::awaitable<Result<http::Download>> download(http::DownloadRequest, http::Sink&) override {
        co_return fail(errc::unsupported, "");
    }
    bool by_path = false;  // then both by host and path
    std::map<std::string, int> answers;
    std::map<std::string, std::vector<http::ClientRequest>> got;

  private:
    Clock& clock_;
};

class SenderTest : public ApiTest {
  protected:
    SenderTest() { start_sender(); }
    void TearDown() override { stop_sender(); }

    void start_sender() {
        changed_ = std::make_unique<async::Signal>(io_.get_executor(), clock_);
        sender_ = std::make_unique<Sender>(
            Ports{*store_, receivers_, clock_, random_, log_, *metrics_, *changed_, [this] { return secrets_; }});
        ended_ = false;
        asio::co_spawn(
            io_, sender_->run(),
            asio::bind_cancellation_slot(stop_.slot(), [this](const std::exception_ptr&) { ended_ = true; }));
    }
    void stop_sender() {
        stop_.emit(asio::cancellation_type::terminal);
        genq::test::run_ready(io_);
        EXPECT_TRUE(ended_);
    }
    /// As the store does after each commit.
    void pass(std::chrono::milliseconds time) {
        changed_->notify();
        clock_.advance(io_, time);
    }
    std::string submit_told(const std::string& host,
                            const std::string& events = R"(["succeeded","failed","canceled"])") {
        return submit(R"(,"webhook":{"url":"https://)" + host + R"(/hook?key=1","events":)" + events + "}");
    }
    void cancel(const std::string& id) { ASSERT_EQ(post("/v1/jobs/" + id + "/cancel", "").status, 200); }
    boost::json::array deliveries(const std::string& id) {
        return json_of(get("/v1/jobs/" + id + "/deliveries")).at("deliveries").as_array();
    }
    std::vector<std::string> told(const std::string& host) {
        std::vector<std::string> types;
        for (const auto& request : receivers_.got[host]) {
            types.emplace_back(boost::json::parse(request.body).at("type").as_string());
        }
        return types;
    }

    Receivers receivers_{clock_};
    std::shared_ptr<const Secrets> secrets_ = std::make_shared<Secrets>(Secrets{std::string(24, 'a')});
    std::unique_ptr<async::Signal> changed_;
    std::unique_ptr<Sender> sender_;
    asio::cancellation_signal stop_;
    bool ended_ = false;
};

TEST_F(SenderTest, tells_of_the_end_signed_with_the_job_as_it_was_then) {
    const auto id = submit_told("a.example");
    pass(2s);
    EXPECT_TRUE(receivers_.got.empty()) << "it is queued, which it did not ask for";
    make_failed(id, JobErrorCode::attempts_exhausted);
    const auto shown = json_of(get("/v1/jobs/" + id));
    ASSERT_EQ(post("/v1/jobs/" + id + "/retry", "").status, 200) << "it moves on before it is told";
    pass(1s);
    ASSERT_EQ(receivers_.got["a.example"].size(), 1U);
    const auto& request = receivers_.got["a.example"].front();
    EXPECT_EQ(request.url, "https://a.example/hook?key=1");
    const auto body = boost::json::parse(request.body);
    EXPECT_EQ(body.at("type").as_string(), "job.failed");
    EXPECT_EQ(body.at("timestamp"), shown.at("finished_at"));
    EXPECT_EQ(body.at("data"), shown);
    const auto message = std::string(request.headers.get("webhook-id"));
    EXPECT_TRUE(message.starts_with("msg_"));
    EXPECT_EQ(
        request.headers.get("webhook-signature"),
        sign(*secrets_, message, std::stoll(std::string(request.headers.get("webhook-timestamp"))), request.body));
    pass(48h);
    EXPECT_EQ(receivers_.got["a.example"].size(), 1U) << "once is enough";
}

TEST_F(SenderTest, passes_on_the_trace_that_the_job_came_with) {
    const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const std::string told = R"(,"webhook":{"url":"https://HOST/hook","events":["canceled"]})";
    const auto to = [&told](const std::string& host) { return std::string(told).replace(told.find("HOST"), 4, host); };
    const http::Fields headers{
        {"traceparent", trace}, {"tracestate", "rojo=00f067aa0ba902b7 "}, {"tracestate", "congo=t61"}};
    const auto traced = submit(to("traced.example"), headers);
    const auto plain = submit(to("plain.example"), {{"traceparent", "00-nonsense"}, {"tracestate", "rojo=1"}});
    const auto bare = submit(to("bare.example"), {{"traceparent", trace}, {"tracestate", "rojo"}});
    const auto batch =
        post("/v1/batches",
             R"({"jobs":[{"model":"google/imagen4","input":{"prompt":"x"})" + to("batch.example") + "}]}", headers);
    ASSERT_EQ(batch.status, 202) << text_of(batch);
    for (const auto& id : {traced, plain, bare, std::string(json_of(batch).at("job_ids").at(0).as_string())})
        cancel(id);
    pass(1s);
    const std::string state = "rojo=00f067aa0ba902b7,congo=t61";
    for (const auto& [host, parent, beside] :
         std::vector<std::array<std::string, 3>>{{"traced.example", trace, state},
                                                 {"plain.example", "", ""},
                                                 {"bare.example", trace, ""},
                                                 {"batch.example", trace, state}}) {
        ASSERT_EQ(receivers_.got[host].size(), 1U) << host;
        EXPECT_EQ(receivers_.got[host].front().headers.get("traceparent"), parent) << host;
        EXPECT_EQ(receivers_.got[host].front().headers.get("tracestate"), beside) << host;
    }
}

TEST_F(SenderTest, tries_for_two_days_under_one_id_and_then_gives_up) {
    receivers_.answers["a.example"] = 302;
    const auto id = submit_told("a.example");
    cancel(id);
    pass(47h);
    auto listed = deliveries(id);
    EXPECT_EQ(listed.at(0).at("state").as_string(), "pending");
    EXPECT_TRUE(listed.at(0).at("next_attempt_at").is_string());
    receivers_.answers["a.example"] = no_answer;
    pass(14h);
    listed = deliveries(id);
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed.at(0).at("state").as_string(), "failed");
    EXPECT_TRUE(listed.at(0).at("next_attempt_at").is_null());
    const auto& tries = listed.at(0).at("attempts").as_array();
    ASSERT_EQ(tries.size(), 9U);
    EXPECT_EQ(tries.front().at("status").as_int64(), 302);
    EXPECT_TRUE(tries.back().at("status").is_null());
    EXPECT_EQ(tries.back().at("error").as_string(), "connection_lost");
    const auto& got = receivers_.got["a.example"];
    ASSERT_EQ(got.size(), 9U) << "and no redirect was followed";
    for (const auto& request : got) {
        EXPECT_EQ(request.headers.get("webhook-id"), got.front().headers.get("webhook-id"));
        EXPECT_EQ(request.body, got.front().body);
    }
    EXPECT_NE(got.front().headers.get("webhook-timestamp"), got.back().headers.get("webhook-timestamp"));
    EXPECT_EQ(run(store_->stats())->deliveries_pending, 0);
}

TEST_F(SenderTest, keeps_a_jobs_events_in_order) {
    receivers_.answers["a.example"] = 500;
    const auto id = submit_told("a.example", R"(["queued","submitting","generating","canceled"])");
    pass(1s);
    make_generating(id);
    cancel(id);
    pass(2s);
    EXPECT_EQ(told("a.example"), std::vector<std::string>{"job.queued"});
    EXPECT_EQ(run(store_->stats())->deliveries_pending, 4);
    EXPECT_EQ(post("/v1/jobs/" + id + "/deliveries/2/redeliver", "").status, 409) << "it waits for the first";
    receivers_.answers["a.example"] = 200;
    pass(6s);
    EXPECT_EQ(told("a.example"), (std::vector<std::string>{"job.queued", "job.queued", "job.submitting",
                                                           "job.generating", "job.canceled"}));
}

TEST_F(SenderTest, lets_no_receiver_that_is_dead_delay_another) {
    receivers_.answers["dead.example"] = black_hole;
    for (int i = 0; i < 100; ++i) cancel(submit_told("dead.example"));
    pass(1s);
    const auto id = submit_told("live.example");
    cancel(id);
    changed_->notify();
    genq::test::run_ready(io_);
    EXPECT_EQ(told("live.example"), std::vector<std::string>{"job.canceled"}) << "at once";
    EXPECT_EQ(receivers_.got["dead.example"].size(), 2U);
    pass(20s);
    EXPECT_EQ(receivers_.got["dead.example"].size(), 3U) << "one at a time, now that it is known to be silent";
}

TEST_F(SenderTest, lets_no_path_that_hangs_delay_another_of_its_host) {
    receivers_.by_path = true;
    receivers_.answers["shared.example/hang"] = black_hole;
    const auto told_at = [this](const std::string& path) {
        cancel(submit(R"(,"webhook":{"url":"https://shared.example)" + path + R"("})"));
        changed_->notify();
        genq::test::run_ready(io_);
    };
    for (int i = 0; i < 5; ++i) told_at("/hang");
    told_at("/fine");
    EXPECT_EQ(receivers_.got["shared.example/fine"].size(), 1U) << "at once";
    pass(21s);
    told_at("/fine");
    EXPECT_EQ(receivers_.got["shared.example/fine"].size(), 2U);
}

TEST_F(SenderTest, lets_no_number_of_dead_receivers_delay_one_that_answers) {
    cancel(submit_told("live.example"));
    pass(1s);
    for (int i = 0; i < 300; ++i) {
        const auto host = "dead-" + std::to_string(i) + ".example";
        receivers_.answers[host] = black_hole;
        cancel(submit_told(host));
    }
    const auto at_once = [this] {
        changed_->notify();
        genq::test::run_ready(io_);
    };
    at_once();
    cancel(submit_told("live.example"));
    at_once();
    EXPECT_EQ(told("live.example").size(), 2U) << "while those that nobody knows are tried";
    pass(1h);
    for (int i = 0; i < 300; ++i) cancel(submit_told("dead-" + std::to_string(i) + ".example"));
    at_once();
    cancel(submit_told("new.example"));
    cancel(submit_told("live.example"));
    at_once();
    EXPECT_EQ(told("new.example").size(), 1U) << "now that it is known who is dead";
    EXPECT_EQ(told("live.example").size(), 3U);
}

TEST_F(SenderTest, is_stopped_by_a_receiver_that_is_gone_until_somebody_redelivers) {
    receivers_.answers["a.example"] = 410;
    const auto id = submit_told("a.example", R"(["generating","failed","canceled"])");
    make_failed(id, JobErrorCode::attempts_exhausted);
    pass(1s);
    ASSERT_EQ(post("/v1/jobs/" + id + "/retry", "").status, 200);
    cancel(id);
    pass(72h);
    EXPECT_EQ(told("a.example").size(), 1U);
    EXPECT_EQ(deliveries(id).size(), 1U);
    EXPECT_EQ(deliveries(id).at(0).at("state").as_string(), "failed");
    receivers_.answers["a.example"] = 200;
    const auto again = post("/v1/jobs/" + id + "/deliveries/1/redeliver", "");
    EXPECT_EQ(again.status, 202) << text_of(again);
    EXPECT_EQ(json_of(again).at("state").as_string(), "pending");
    pass(1s);
    EXPECT_EQ(told("a.example").size(), 2U);
    EXPECT_EQ(deliveries(id).at(0).at("state").as_string(), "delivered");
    const auto& got = receivers_.got["a.example"];
    EXPECT_EQ(got.front().headers.get("webhook-id"), got.back().headers.get("webhook-id"));
}

TEST_F(SenderTest, signs_with_what_is_there_and_waits_for_a_secret) {
    secrets_ = std::make_shared<Secrets>();
    const auto id = submit_told("a.example");
    cancel(id);
    pass(1h);
    EXPECT_TRUE(receivers_.got.empty());
    secrets_ = std::make_shared<Secrets>(Secrets{std::string(24, 'n'), std::string(24, 'o')});
    pass(1s);
    ASSERT_EQ(receivers_.got["a.example"].size(), 1U);
    const auto& headers = receivers_.got["a.example"].front().headers;
    EXPECT_NE(headers.get("webhook-signature").find(" v1,"), std::string_view::npos) << "both";
}

TEST_F(SenderTest, lets_what_is_under_way_come_to_its_end_when_it_drains) {
    receivers_.answers["slow.example"] = black_hole;
    const auto slow = submit_told("slow.example");
    cancel(slow);
    changed_->notify();
    genq::test::run_ready(io_);
    bool drained = false;
    asio::co_spawn(io_, sender_->drain(clock_.now() + 30s), [&drained](const std::exception_ptr&) { drained = true; });
    cancel(submit_told("late.example"));
    pass(19s);
    EXPECT_FALSE(drained);
    pass(2s);
    EXPECT_TRUE(drained);
    EXPECT_TRUE(told("late.example").empty()) << "it waits in the store";
    EXPECT_EQ(deliveries(slow).at(0).at("attempts").as_array().size(), 1U) << "the try was noted";
}

TEST_F(SenderTest, goes_on_from_the_store_after_its_process_has_died) {
    receivers_.answers["a.example"] = black_hole;
    const auto kept = submit_told("a.example");
    const auto gone = submit_told("b.example");
    cancel(kept);
    pass(10s);
    stop_sender();
    cancel(gone);
    ASSERT_EQ(send("DELETE", "/v1/jobs/" + gone).status, 204);
    receivers_.answers.clear();
    start_sender();
    pass(1s);
    EXPECT_EQ(told("a.example").size(), 2U) << "the try that was cut off is made again";
    EXPECT_TRUE(told("b.example").empty()) << "deliveries go with their job";
    EXPECT_EQ(run(store_->stats())->deliveries_pending, 0);
    EXPECT_EQ(deliveries(kept).at(0).at("state").as_string(), "delivered");
}

}  // namespace
}  // namespace genq::webhooks::test
