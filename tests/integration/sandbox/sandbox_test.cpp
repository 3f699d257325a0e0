#include "server/sandbox/sandbox.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <future>
#include <mutex>
#include <thread>

#include "common/http/beast_transport.hpp"
#include "common/http/media_type.hpp"
#include "common/http/server.hpp"

namespace genq::sandbox::test {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace std::chrono_literals;

/// Keeps what a download brings.
class MemorySink final : public http::Sink {
  public:
    Result<void> begin(const http::Fields&, std::uint64_t offset, std::optional<std::uint64_t>) override {
        bytes.resize(offset);
        return {};
    }
    asio::awaitable<Result<void>> write(std::span<const std::byte> piece) override {
        bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        co_return Result<void>{};
    }
    std::string bytes;
};

/// The sandbox on loopback, with a real client beside it, on a thread of their own.
class LiveSandbox : public testing::Test {
  protected:
    void start(Options options) {
        sandbox_.emplace(io_, clock_, random_, transport_, log_, std::move(options));
        ASSERT_TRUE(sandbox_->start().has_value());
    }
    void TearDown() override {
        if (sandbox_) run(sandbox_->stop());
        work_.reset();
        thread_.join();
    }
    static Options quick() {
        Options options;
        options.duration_s = 0.05;
        options.limit_requests = 0;
        return options;
    }
    template <class T>
    T run(asio::awaitable<T> task) {
        return asio::co_spawn(io_, std::move(task), asio::use_future).get();
    }
    http::Exchange send(std::string method, std::string target, std::string body = "",
                        std::chrono::seconds limit = 10s) {
        http::ClientRequest request{std::move(method),
                                    sandbox_->base_url() + target,
                                    {{"Authorization", "Bearer key"}, {"Content-Type", "application/json"}},
                                    std::move(body)};
        return run(transport_.send(std::move(request), clock_.now() + limit));
    }
    json::object ask(std::string method, std::string target, std::string body = "") {
        const auto exchange = send(std::move(method), std::move(target), std::move(body));
        if (!exchange.answer) {
            ADD_FAILURE() << exchange.answer.error().detail;
            return {{"code", 0}};
        }
        return json::parse(exchange.answer->body).as_object();
    }
    std::string create(const std::string& prompt = "a") {
        const auto answer =
            ask("POST", "/api/v1/jobs/createTask", R"({"model":"z-image","input":{"prompt":")" + prompt + "\"}}");
        return std::string(answer.at("data").at("taskId").as_string());
    }
    /// Polls until the task is done, and returns its first URL.
    std::string wait_for_url(const std::string& id) {
        const auto end = clock_.now() + 20s;
        while (clock_.now() < end) {
            const auto data = ask("GET", "/api/v1/jobs/recordInfo?taskId=" + id).at("data").as_object();
            if (data.at("state") == "success") {
                return std::string(json::parse(data.at("resultJson").as_string()).at("resultUrls").at(0).as_string());
            }
        }
        ADD_FAILURE() << "the task did not end";
        return "";
    }
    Result<http::Download> download(const std::string& url, MemorySink& sink, std::uint64_t offset = 0) {
        return run(transport_.download(
            {.url = url, .offset = offset, .if_range = "", .max_bytes = 1 << 20, .allow_private = true}, sink));
    }

    SystemClock clock_;
    SystemRandom random_;
    log::Logger log_{log::Level::error, log::Format::text};
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    http::BeastTransport transport_{io_, clock_};
    std::optional<Sandbox> sandbox_;
    std::thread thread_{[this] { io_.run(); }};
};

TEST_F(LiveSandbox, makes_a_picture_that_can_be_downloaded) {
    start(quick());
    MemorySink sink;
    const auto got = download(wait_for_url(create()), sink);
    ASSERT_TRUE(got.has_value()) << got.error().detail;
    EXPECT_TRUE(got->complete);
    EXPECT_EQ(http::sniff_media_type(sink.bytes), "image/png");
    EXPECT_EQ(sandbox_->ledger().creates.size(), 1U);
}

TEST_F(LiveSandbox, loses_answers_as_scripted) {
    auto options = quick();
    const auto faults = parse_faults(json::parse(R"([{"do":"reset_before"},{"do":"reset_after"},{"do":"hang"}])"));
    ASSERT_TRUE(faults.has_value());
    options.faults = *faults;
    start(options);
    const std::string body = R"({"model":"z-image","input":{"prompt":"a"}})";
    const auto reset_before = send("POST", "/api/v1/jobs/createTask", body);
    ASSERT_FALSE(reset_before.answer.has_value());
    EXPECT_EQ(reset_before.answer.error().code, errc::connection_lost);
    EXPECT_EQ(reset_before.written, http::Written::fully);
    EXPECT_EQ(sandbox_->ledger().creates.size(), 0U);
    EXPECT_FALSE(send("POST", "/api/v1/jobs/createTask", body).answer.has_value());
    EXPECT_EQ(sandbox_->ledger().creates.size(), 1U);
    const auto hung = send("POST", "/api/v1/jobs/createTask", body, 1s);
    ASSERT_FALSE(hung.answer.has_value());
    EXPECT_EQ(hung.answer.error().code, errc::timeout);
    EXPECT_EQ(sandbox_->ledger().creates.size(), 2U);
}

TEST_F(LiveSandbox, cuts_a_file_which_then_can_be_resumed) {
    auto options = quick();
    const auto faults = parse_faults(json::parse(R"([{"do":"truncate"}])"));
    ASSERT_TRUE(faults.has_value());
    options.faults = *faults;
    start(options);
    const auto url = wait_for_url(create());
    MemorySink sink;
    const auto cut = download(url, sink);
    EXPECT_TRUE(!cut || !cut->complete);
    EXPECT_FALSE(sink.bytes.empty());
    const auto rest = download(url, sink, sink.bytes.size());
    ASSERT_TRUE(rest.has_value());
    EXPECT_TRUE(rest->complete);
    EXPECT_TRUE(sink.bytes.ends_with(std::string("IEND\xAE\x42\x60\x82")));
}

TEST_F(LiveSandbox, stops_while_a_request_hangs) {
    auto options = quick();
    const auto faults = parse_faults(json::parse(R"([{"do":"hang"}])"));
    ASSERT_TRUE(faults.has_value());
    options.faults = *faults;
    start(options);
    http::ClientRequest request{
        "POST", sandbox_->base_url() + "/api/v1/veo/generate", {{"Authorization", "Bearer key"}}, R"({"prompt":"a"})"};
    auto hanging = asio::co_spawn(io_, transport_.send(std::move(request), clock_.now() + 60s), asio::use_future);
    const auto limit = clock_.now() + 20s;
    while (sandbox_->ledger().creates.empty() && clock_.now() < limit) std::this_thread::yield();
    run(sandbox_->stop());
    EXPECT_FALSE(hanging.get().answer.has_value());
    sandbox_.reset();
}

/// What a callback receiver got.
struct Inbox {
    std::mutex mutex;
    std::vector<http::Request> calls;
    int refuse = 0;  // answer so many by 500 first
    std::promise<void> all;
    std::size_t wanted = 0;
};

asio::awaitable<http::Response> take(Inbox& inbox, http::Request request) {
    const std::lock_guard lock(inbox.mutex);
    http::Response response;
    inbox.calls.push_back(std::move(request));
    if (inbox.calls.size() <= static_cast<std::size_t>(inbox.refuse)) response.status = 500;
    if (inbox.calls.size() == inbox.wanted) inbox.all.set_value();
    co_return response;
}

TEST_F(LiveSandbox, calls_back_and_tries_again) {
    Inbox inbox;
    inbox.refuse = 1;
    inbox.wanted = 4;  // suno's three, one of them twice
    http::Server receiver(
        io_, {.listen = {"127.0.0.1:0"}, .tls_cert = "", .tls_key = ""},
        [&inbox](http::Request request) { return take(inbox, std::move(request)); },
        [](int status, std::string_view, std::string_view) {
            http::Response response;
            response.status = status;
            return response;
        },
        [](std::string_view) {});
    ASSERT_TRUE(receiver.start().has_value());
    auto options = quick();
    options.hmac_key = "key";
    start(options);
    const auto url = "http://" + receiver.addresses().front() + "/cb";
    ask("POST", "/api/v1/generate",
        R"({"prompt":"a","customMode":false,"instrumental":true,"model":"V5","callBackUrl":")" + url + "\"}");
    ASSERT_EQ(inbox.all.get_future().wait_for(30s), std::future_status::ready);
    std::vector<std::string> types;
    for (const auto& call : inbox.calls) {
        types.emplace_back(json::parse(call.body).at("data").at("callbackType").as_string());
        EXPECT_TRUE(call.headers.has("X-Webhook-Signature"));
    }
    EXPECT_EQ(types, (std::vector<std::string>{"text", "text", "first", "complete"}));
    run(sandbox_->stop());
    sandbox_.reset();
    run(receiver.stop(0ms));
}

TEST_F(LiveSandbox, fetches_what_is_uploaded_by_url) {
    start(quick());
    const auto url = wait_for_url(create());
    const auto body = json::serialize(json::object{{"fileUrl", url}, {"uploadPath", "in"}, {"fileName", "a.png"}});
    const auto answer = ask("POST", "/api/file-url-upload", body);
    ASSERT_EQ(answer.at("code"), 200) << json::serialize(answer);
    MemorySink original;
    MemorySink copy;
    ASSERT_TRUE(download(url, original).has_value());
    ASSERT_TRUE(download(std::string(answer.at("data").at("downloadUrl").as_string()), copy).has_value());
    EXPECT_EQ(original.bytes, copy.bytes);
}

}  // namespace
}  // namespace genq::sandbox::test
