#include "server/front/calls.hpp"

#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"
#include "server/front/deliverer.hpp"
#include "tests/unit/front/front_fixture.hpp"

namespace genq::front::test {
namespace {

namespace bj = boost::json;
using namespace std::chrono_literals;

/// Receives calls; answers them as the test says.
class Receiver final : public http::Transport {
  public:
    class Line final : public http::Connection {
      public:
        explicit Line(Receiver& to) : to_(to) {}
        boost::asio::awaitable<http::Exchange> send(http::ClientRequest request, SteadyTime) override {
            to_.requests.push_back(std::move(request));
            if (to_.status == 0) co_return http::Exchange{fail(errc::connection_lost, "no"), http::Written::fully};
            co_return http::Exchange{http::ClientResponse{.status = to_.status, .headers = {}, .body = ""},
                                     http::Written::fully};
        }

      private:
        Receiver& to_;
    };
    boost::asio::awaitable<Result<std::unique_ptr<http::Connection>>> connect(std::string, SteadyTime) override {
        co_return std::make_unique<Line>(*this);
    }
    boost::asio::awaitable<Result<http::Download>> download(http::DownloadRequest, http::Sink&) override {
        co_return fail(errc::unsupported, "");
    }
    int status = 200;
    std::vector<http::ClientRequest> requests;
};

class Calls : public FrontTest {
  protected:
    Receiver receiver_;
    Deliverer deliverer_{*store_,
                         receiver_,
                         clock_,
                         log_,
                         *metrics_,
                         [this] { return url_keys_; },
                         DelivererOptions{.hmac_key = "front-key", .url_ttl = 600s}};

    [[nodiscard]] std::string create_called(const std::string& path, bj::object body) {
        body["callBackUrl"] = "https://client.example/hook?secret=1";
        return create(path, bj::serialize(body));
    }
    [[nodiscard]] int deliver() { return run(deliverer_.deliver_due()).value(); }
    [[nodiscard]] bj::object last_call() { return bj::parse(receiver_.requests.back().body).as_object(); }
};

TEST_F(Calls, come_when_the_job_has_ended_signed_as_kie_ai_signs) {
    const auto id = create_called("/api/v1/jobs/createTask", {{"model", "google/imagen4"}, {"input", bj::object()}});
    EXPECT_EQ(deliver(), 0);
    succeed_with(id, "market-success");
    EXPECT_EQ(deliver(), 1);
    ASSERT_EQ(receiver_.requests.size(), 1U);
    const auto& request = receiver_.requests.front();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://client.example/hook?secret=1");
    const auto stamp = std::to_string(clock_.wall_now().time_since_epoch() / 1s);
    EXPECT_EQ(request.headers.get("X-Webhook-Timestamp"), stamp);
    EXPECT_EQ(request.headers.get("X-Webhook-Signature"),
              crypto::to_base64(crypto::hmac_sha256("front-key", id + "." + stamp)));
    expect_shape(sample("market-callback-success"), last_call());
    const auto result = bj::parse(std::string(last_call().at("data").at("resultJson").as_string()));
    const std::string url(result.at("resultUrls").at(0).as_string());
    EXPECT_EQ(get(url.substr(url.find("/v1/"))).status, 200);
    EXPECT_EQ(deliver(), 0) << "once is enough";
}

TEST_F(Calls, carry_the_trace_that_the_create_came_with) {
    const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const bj::object body{
        {"model", "google/imagen4"}, {"input", bj::object()}, {"callBackUrl", "https://client.example/hook"}};
    const auto created = ask("POST", "/api/v1/jobs/createTask", bj::serialize(body),
                             {{"traceparent", trace}, {"tracestate", "congo=t61"}});
    succeed_with(std::string(created.at("data").at("taskId").as_string()), "market-success");
    succeed_with(create_called("/api/v1/jobs/createTask", {{"model", "google/imagen4"}, {"input", bj::object()}}),
                 "market-success");
    ASSERT_EQ(deliver(), 2);
    EXPECT_EQ(receiver_.requests.at(0).headers.get("traceparent"), trace);
    EXPECT_EQ(receiver_.requests.at(0).headers.get("tracestate"), "congo=t61");
    EXPECT_FALSE(receiver_.requests.at(1).headers.has("traceparent"));
    EXPECT_FALSE(receiver_.requests.at(1).headers.has("tracestate"));
}

TEST_F(Calls, have_each_familys_shape) {
    const std::vector<std::tuple<std::string, bj::object, std::string, std::string, std::vector<std::string>>> rows{
        {"/api/v1/jobs/createTask", {{"model", "a/b"}, {"input", bj::object()}}, "market", "market-success", {}},
        {"/api/v1/gpt4o-image/generate", {}, "gpt4o", "gpt4o-success", {}},
        {"/api/v1/flux/kontext/generate", {}, "flux", "flux-success", {}},
        {"/api/v1/veo/generate", {}, "veo", "veo-success", {"originUrls"}},
        {"/api/v1/runway/generate", {}, "runway", "runway-success", {}},
        {"/api/v1/aleph/generate", {}, "aleph", "aleph-success", {}},
        {"/api/v1/mj/generate", {{"taskType", "mj_txt2img"}}, "mj", "mj-success", {}},
        {"/api/v1/modify/generate", {}, "luma", "luma-success", {}},
        {"/api/v1/generate", {{"model", "V5"}}, "suno", "suno-success", {}},
    };
    for (const auto& [path, body, family, record, but] : rows) {
        const auto id = create_called(path, body);
        succeed_with(id, record);
        ASSERT_EQ(deliver(), 1) << path;
        expect_shape(sample(family + (family == "suno" ? "-callback-complete" : "-callback-success")), last_call(), but,
                     path);
        EXPECT_EQ(last_call().at("code").as_int64(), 200);
        const auto failed = create_called(path, body);
        fail_with(failed, JobErrorCode::generation_failed, true);
        ASSERT_EQ(deliver(), 1) << path;
        expect_shape(sample(family + "-callback-fail"), last_call(), {}, path);
        EXPECT_EQ(last_call().at("code").as_int64(), 501);
    }
}

TEST_F(Calls, of_a_4k_upgrade_have_a_shape_of_their_own) {
    const auto id = create_called("/api/v1/veo/get-4k-video", {{"taskId", "a"}, {"index", 0}});
    succeed_with(id, "veo-success");
    ASSERT_EQ(deliver(), 1);
    EXPECT_EQ(last_call().at("msg"), sample("veo-4k-callback-success").at("msg"));
    const auto data = last_call().at("data").as_object();
    EXPECT_EQ(data.size(), 2U);
    EXPECT_EQ(data.at("info").at("resultUrls").as_array().size(), 1U);
    EXPECT_EQ(data.at("info").at("imageUrls").as_array().size(), 0U);
    const auto response = poll("/api/v1/veo/record-info", id).at("response");
    EXPECT_EQ(response.at("resolution").as_string(), "4k");
    EXPECT_TRUE(response.at("imageUrls").is_array());
    const auto failed = create_called("/api/v1/veo/get-4k-video", {{"taskId", "b"}, {"index", 0}});
    fail_with(failed, JobErrorCode::generation_failed, true);
    ASSERT_EQ(deliver(), 1);
    EXPECT_EQ(last_call().at("data"), (bj::value{{"taskId", failed}}));
}

TEST_F(Calls, are_tried_three_times_more_and_then_given_up) {
    const auto id = create_called("/api/v1/lyrics", {});
    fail_with(id, JobErrorCode::rejected, false);
    receiver_.status = 500;
    EXPECT_EQ(deliver(), 1);
    EXPECT_EQ(deliver(), 0);
    for (const auto pause : {10s, 60s, 300s}) {
        clock_.advance(io_, pause - 1s);
        EXPECT_EQ(deliver(), 0);
        clock_.advance(io_, 1s);
        receiver_.status = 0;
        EXPECT_EQ(deliver(), 1);
    }
    clock_.advance(io_, 24h);
    EXPECT_EQ(deliver(), 0);
    EXPECT_EQ(receiver_.requests.size(), 4U);
}

TEST_F(Calls, that_a_redirect_answers_are_not_followed) {
    fail_with(create_called("/api/v1/lyrics", {}), JobErrorCode::rejected, false);
    receiver_.status = 302;
    EXPECT_EQ(deliver(), 1);
    EXPECT_EQ(receiver_.requests.size(), 1U);
}

TEST_F(Calls, are_made_again_when_a_job_ends_anew) {
    const auto id = create_called("/api/v1/lyrics", {});
    fail_with(id, JobErrorCode::attempts_exhausted, false);
    EXPECT_EQ(deliver(), 1);
    ASSERT_TRUE(run(store_->retry(id_of(id), {}, std::nullopt)));
    EXPECT_EQ(deliver(), 0);
    ASSERT_TRUE(run(store_->cancel(id_of(id))));
    EXPECT_EQ(deliver(), 1);
    EXPECT_EQ(last_call().at("code").as_int64(), 500);
}

TEST_F(Calls, outlive_the_process_and_go_with_their_job) {
    const auto kept = create_called("/api/v1/lyrics", {});
    const auto gone = create_called("/api/v1/lyrics", {});
    fail_with(kept, JobErrorCode::rejected, false);
    fail_with(gone, JobErrorCode::rejected, false);
    ASSERT_TRUE(run(store_->erase(id_of(gone))));
    Deliverer another(*store_, receiver_, clock_, log_, *metrics_, [this] { return url_keys_; }, {});
    EXPECT_EQ(run(another.deliver_due()).value(), 1);
    EXPECT_EQ(last_call().at("data").at("task_id").as_string(), kept);
    EXPECT_FALSE(receiver_.requests.back().headers.has("X-Webhook-Signature")) << "without a key";
}

}  // namespace
}  // namespace genq::front::test
