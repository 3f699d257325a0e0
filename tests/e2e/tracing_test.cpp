#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <condition_variable>
#include <mutex>
#include <set>

#include "common/http/server.hpp"
#include "tests/e2e/daemon.hpp"
#include "tests/e2e/http_user.hpp"

namespace genq::test {
namespace {

using namespace std::chrono_literals;
using boost::json::object;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// Takes OTLP on a port of its own, and refuses the first request as one does that is overloaded.
class Collector {
  public:
    Collector()
        : server_(
              io_, {.listen = {"127.0.0.1:0"}}, [this](http::Request request) { return answer(std::move(request)); },
              [](int status, std::string_view, std::string_view) { return http::Response{.status = status}; },
              [](std::string_view) {}) {
        EXPECT_TRUE(server_.start());
        thread_ = std::thread([this] { io_.run(); });
    }
    ~Collector() {
        boost::asio::co_spawn(io_, server_.stop(1s), boost::asio::use_future).get();
        work_.reset();
        thread_.join();
    }
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

    [[nodiscard]] std::string url() const { return "http://" + server_.addresses().front(); }
    /// Waits until it has taken something.
    [[nodiscard]] bool wait() {
        std::unique_lock lock(mutex_);
        return taken_.wait_for(lock, 60s, [this] { return !spans_.empty(); });
    }
    [[nodiscard]] std::vector<object> spans() {
        const std::lock_guard lock(mutex_);
        return spans_;
    }
    [[nodiscard]] std::string bodies() {
        const std::lock_guard lock(mutex_);
        return bodies_;
    }

  private:
    boost::asio::awaitable<http::Response> answer(http::Request request) { co_return take(request); }
    http::Response take(const http::Request& request) {
        const std::lock_guard lock(mutex_);
        EXPECT_EQ(request.method + " " + request.target, "POST /v1/traces");
        EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
        EXPECT_EQ(request.headers.get("X-Key"), "hunter2");
        if (!std::exchange(refused_, true)) return {.status = 503};
        bodies_ += request.body;
        const auto body = boost::json::parse(request.body);
        const auto& resource = body.at("resourceSpans").at(0);
        EXPECT_EQ(resource.at("resource").at("attributes").at(0).at("value").at("stringValue"), "studio");
        for (const auto& span : resource.at("scopeSpans").at(0).at("spans").as_array()) {
            spans_.push_back(span.as_object());
        }
        taken_.notify_all();
        return {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = "{}"};
    }

    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    http::Server server_;
    std::mutex mutex_;
    std::condition_variable taken_;
    bool refused_ = false;
    std::string bodies_;
    std::vector<object> spans_;
    std::thread thread_;
};

std::string text(const object& span, std::string_view key) {
    const auto* value = span.if_contains(key);
    return value == nullptr ? "" : std::string(value->as_string());
}

std::int64_t nanos(const object& span, std::string_view key) {
    return std::stoll(text(span, key));
}

std::string attribute(const object& span, std::string_view name) {
    for (const auto& one : span.at("attributes").as_array()) {
        if (one.at("key").as_string() == name)
            return std::string(one.at("value").as_object().begin()->value().as_string());
    }
    return "";
}

/// The spans of one trace, the root first; what has to hold of each is checked.
std::vector<object> trace_of(Collector& collector, const std::string& job) {
    std::vector<object> spans;
    for (const auto& span : collector.spans()) {
        if (span.at("kind") == 5 && attribute(span, "genqd.job.id") == job) spans.push_back(span);
    }
    EXPECT_EQ(spans.size(), 1U) << "one root of each job";
    if (spans.size() != 1) return {};
    const object root = spans.front();
    for (const auto& span : collector.spans()) {
        if (text(span, "traceId") == text(root, "traceId") && span.at("kind") != 5) spans.push_back(span);
    }
    std::set<std::string> ids;
    for (const auto& span : spans) {
        EXPECT_TRUE(ids.insert(text(span, "spanId")).second);
        EXPECT_EQ(text(span, "traceState"), text(root, "traceState"));
        EXPECT_LE(nanos(span, "startTimeUnixNano"), nanos(span, "endTimeUnixNano"));
        if (text(span, "spanId") == text(root, "spanId")) continue;
        EXPECT_EQ(text(span, "parentSpanId"), text(root, "spanId"));
        EXPECT_GE(nanos(span, "startTimeUnixNano"), nanos(root, "startTimeUnixNano"));
        EXPECT_LE(nanos(span, "endTimeUnixNano"), nanos(root, "endTimeUnixNano"));
    }
    return spans;
}

std::vector<std::string> names(const std::vector<object>& spans) {
    std::vector<std::string> all(spans.size());
    std::ranges::transform(spans, all.begin(), [](const object& span) { return text(span, "name"); });
    return all;
}

TEST(Traces, of_jobs_that_have_ended_reach_a_collector) {
    Collector collector;
    Daemon daemon;
    ASSERT_TRUE(daemon.start({{"GENQD_TRACING__OTLP_URL", collector.url()},
                              {"GENQD_TRACING__HEADERS", "X-Key: hunter2"},
                              {"GENQD_TRACING__SERVICE_NAME", "studio"},
                              {"GENQD_LOG__LEVEL", "debug"}}));
    HttpUser user;
    const auto submit = [&](const std::string& rest, http::Fields headers) {
        headers.add("Content-Type", "application/json");
        headers.add("Prefer", "wait=60");
        const auto answer = user.send({.method = "POST",
                                       .url = daemon.url() + "/v1/jobs",
                                       .headers = std::move(headers),
                                       .body = R"({"model":"google/imagen4","input":{"prompt":)" + rest + "}"},
                                      60s);
        return std::string(boost::json::parse(answer.value().body).at("id").as_string());
    };
    const auto succeeded =
        submit(R"("a velvet fox"})", {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
                                      {"tracestate", "rojo=1, congo=t61"}});
    const auto failed = submit(R"("[fail] a velvet fox"})", {});
    (void)submit(R"("x"})", {{"traceparent", "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-00f067aa0ba902b7-00"}});
    EXPECT_TRUE(collector.wait()) << "while the daemon runs, in spite of the refusal";
    const auto later = daemon.client({"submit", "google/imagen4", "prompt=a velvet fox", "--wait", "--json"});
    daemon.process().signal(SIGTERM);
    EXPECT_EQ(daemon.process().wait(), 0) << "and what ended last while it stops";

    const auto whole = trace_of(collector, succeeded);
    EXPECT_THAT(names(whole), testing::UnorderedElementsAre("job google/imagen4", "queued", "limiter wait", "create",
                                                            "generate", "notice lag", "download"));
    EXPECT_EQ(text(whole.front(), "traceId"), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(text(whole.front(), "parentSpanId"), "00f067aa0ba902b7");
    EXPECT_EQ(text(whole.front(), "traceState"), "rojo=1,congo=t61");
    EXPECT_EQ(attribute(whole.front(), "genqd.job.status"), "succeeded");
    EXPECT_EQ(attribute(whole.front(), "genqd.job.billed"), "yes");
    const auto broken = trace_of(collector, failed);
    EXPECT_THAT(names(broken), Not(Contains("download")));
    EXPECT_EQ(attribute(broken.front(), "error.type"), "generation_failed");
    EXPECT_EQ(broken.front().at("status").at("code"), 2);
    EXPECT_FALSE(broken.front().contains("parentSpanId"));
    EXPECT_THAT(daemon.process().err(), HasSubstr("job failed job=" + failed +
                                                  " model=google/imagen4 trace_id=" + text(broken.front(), "traceId")))
        << "the log leads to the trace that the job has by itself";
    EXPECT_FALSE(trace_of(collector, std::string(boost::json::parse(later.out).at("id").as_string())).empty());

    EXPECT_THAT(collector.bodies(), Not(HasSubstr("aaaaaaaaaaaaaaaa"))) << "its caller records none";
    for (const char* word : {"velvet", "http", "hunter2", "sandbox"}) {
        EXPECT_THAT(collector.bodies(), Not(HasSubstr(word)));
    }
    EXPECT_THAT(daemon.process().err(), Not(HasSubstr("hunter2")));
}

TEST(Traces, of_a_collector_that_is_not_there_hold_up_neither_jobs_nor_a_stop) {
    std::string gone;
    {
        const Collector collector;
        gone = collector.url();
    }
    Daemon daemon;
    ASSERT_TRUE(daemon.start({{"GENQD_TRACING__OTLP_URL", gone}}));
    EXPECT_EQ(daemon.client({"submit", "google/imagen4", "prompt=a red fox", "--wait", "--json"}).code, 0);
    daemon.process().signal(SIGTERM);
    EXPECT_EQ(daemon.process().wait(), 0);
    EXPECT_THAT(daemon.process().err(), HasSubstr("traces were given up jobs=1"));
}

TEST(Traces, leave_no_sign_where_nobody_asked_for_them) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    HttpUser user;
    const auto metrics = user.get(daemon.url() + "/metrics");
    ASSERT_TRUE(metrics);
    EXPECT_THAT(metrics->body, Not(HasSubstr("genqd_traces")));
    EXPECT_THAT(metrics->body, HasSubstr("genqd_webhook_deliveries_total"));
}

}  // namespace
}  // namespace genq::test
