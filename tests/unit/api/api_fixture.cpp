#include "tests/unit/api/api_fixture.hpp"

#include <unistd.h>

#include <filesystem>

#include "common/crypto/encoding.hpp"
#include "common/json/parse.hpp"
#include "server/api/webhook.hpp"

namespace genq::api::test {

namespace asio = boost::asio;

asio::awaitable<Result<void>> FakeEngine::pause(engine::PauseRequest request) {
    paused = std::move(request);
    co_return Result<void>{};
}

asio::awaitable<Result<void>> FakeEngine::resume(std::string model) {
    resumed = std::move(model);
    co_return Result<void>{};
}

asio::awaitable<Result<void>> FakeEngine::release_restored(bool fail_queued) {
    released = fail_queued;
    co_return Result<void>{};
}

asio::awaitable<Result<double>> FakeEngine::credits() {
    co_return balance;
}

asio::awaitable<Result<engine::CallbackVerdict>> FakeEngine::callback(engine::CallbackCall call) {
    calls.push_back(std::move(call));
    co_return verdict;
}

ApiTest::ApiTest(EventFeed::Options feed) {
    std::string name = std::filesystem::temp_directory_path() / "genq-api-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    store::SqliteOptions options;
    options.path = folder_ + "/genqd.db";
    options.threaded = false;
    options.on_change = [this](const std::vector<std::int64_t>& rows) { feed_.publish(rows); };
    options.on_commit = [this](std::size_t) { committed_.notify(); };
    options.event_body = [this](const Job& job, std::string_view event, WallTime at) {
        const Options shown;
        return event_body(event, {job, engine_.shown, *catalogue_, at, shown, {}});
    };
    store_ = store::SqliteJobStore::open(std::move(options), clock_, random_).value();
    events_ = std::make_unique<EventFeed>(*store_, clock_, log_, committed_, feed);
    tasks_.spawn("events", events_->run());
    blobs_ = blobs::FolderStore::open(folder_ + "/blobs", pool_).value();
    catalogue_ = catalogue::Catalogue::load("").value();
    restart({.host_names = {"queue.example"},
             .public_url = "",
             .cors_origins = {},
             .min_free_bytes = 0,
             .version = "1.2.3"});
}

boost::asio::awaitable<Result<std::string>> FakeThumbnails::thumbnail(Digest digest, std::string media_type,
                                                                      int width) {
    ++made;
    if (fails) co_return std::unexpected(*std::exchange(fails, std::nullopt));
    co_return digest.hex() + " " + media_type + " " + std::to_string(width);
}

ApiTest::~ApiTest() {
    tasks_.cancel();
    genq::test::run_ready(io_);
    api_.reset();
    events_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
}

void ApiTest::restart(Options options) {
    options.validation = validation_;
    api_.reset();
    metrics_ = std::make_unique<metrics::Registry>();
    api_ = std::make_unique<Api>(Services{.store = *store_,
                                          .feed = feed_,
                                          .events = *events_,
                                          .workers = pool_,
                                          .blobs = *blobs_,
                                          .engine = engine_,
                                          .catalogue = [this] { return catalogue_; },
                                          .tokens = [this] { return tokens_; },
                                          .clock = clock_,
                                          .random = random_,
                                          .log = log_,
                                          .metrics = *metrics_,
                                          .url_keys = [this] { return url_keys_; },
                                          .transport = transport_,
                                          .integrity = [this] { return integrity_; },
                                          .thumbnails = &thumbnails_,
                                          .takes_webhooks = [this] { return takes_webhooks_; }},
                                 std::move(options), mount_);
}

void ApiTest::use_tokens(std::vector<Token> tokens) {
    tokens_ = std::make_shared<TokenSet>(std::move(tokens));
}

namespace {

http::Request make_request(std::string method, std::string target, http::Fields headers, std::string body) {
    if (!headers.has("Host")) headers.add("Host", "127.0.0.1:8080");
    const bool has_length = method == "POST";
    return {.method = std::move(method),
            .target = std::move(target),
            .headers = std::move(headers),
            .body = std::move(body),
            .peer = "127.0.0.1:9",
            .has_length = has_length};
}

}  // namespace

http::Response ApiTest::send(std::string method, std::string target, http::Fields headers, std::string body) {
    return run(api_->handle(make_request(std::move(method), std::move(target), std::move(headers), std::move(body))));
}

http::Response ApiTest::post(std::string target, std::string body, http::Fields headers) {
    if (!headers.has("Content-Type")) headers.add("Content-Type", "application/json");
    return send("POST", std::move(target), std::move(headers), std::move(body));
}

std::shared_ptr<Pending> ApiTest::start(std::string method, std::string target, http::Fields headers,
                                        std::string body) {
    auto pending = std::make_shared<Pending>();
    if (!body.empty()) headers.add("Content-Type", "application/json");
    asio::co_spawn(
        io_, api_->handle(make_request(std::move(method), std::move(target), std::move(headers), std::move(body))),
        [pending](std::exception_ptr error, http::Response response) {
            if (error) std::rethrow_exception(error);
            pending->response = std::move(response);
            pending->done = true;
        });
    genq::test::run_ready(io_);
    return pending;
}

std::string ApiTest::submit(std::string extra, http::Fields headers) {
    const auto response =
        post("/v1/jobs", R"({"model":"google/imagen4","input":{"prompt":"x"})" + extra + "}", std::move(headers));
    EXPECT_EQ(response.status, 202) << text_of(response);
    return std::string(json_of(response).at("id").as_string());
}

void ApiTest::make_submitting(const std::string& id) {
    ASSERT_TRUE(run(store_->record_intent({.id = id_of(id), .attempt = 1})));
}

void ApiTest::make_generating(const std::string& id) {
    make_submitting(id);
    ASSERT_TRUE(run(store_->record_submitted({.id = id_of(id),
                                              .attempt = 1,
                                              .task_id = "task-1",
                                              .endpoint = "",
                                              .next_poll_at = clock_.wall_now() + std::chrono::seconds(3)})));
}

void ApiTest::make_failed(const std::string& id, JobErrorCode code) {
    store::Failure failure;
    failure.id = id_of(id);
    failure.error = {.code = code, .message = "no", .advice = "try", .upstream_code = 501, .upstream_message = "NSFW"};
    ASSERT_TRUE(run(store_->record_failure(std::move(failure))));
}

Digest ApiTest::make_succeeded(const std::string& id, std::string bytes, std::string media_type, std::string filename) {
    make_generating(id);
    auto writer = blobs_->create().value();
    EXPECT_TRUE(run(writer->write(crypto::bytes_of(bytes))));
    const auto blob = run(writer->commit()).value();
    Output output;
    output.source_url = "https://files.example/a.png";
    output.role = "image";
    store::Generated generated;
    generated.id = id_of(id);
    generated.outputs = {output};
    generated.credits = 4.0;
    EXPECT_TRUE(run(store_->record_generated(std::move(generated))));
    output.digest = blob.digest;
    output.bytes = blob.bytes;
    output.media_type = std::move(media_type);
    output.filename = std::move(filename);
    EXPECT_TRUE(run(store_->record_output(id_of(id), output)));
    return blob.digest;
}

store::Hold make_hold(QueueReason reason, std::string detail, WallTime since) {
    store::Hold hold;
    hold.reason = reason;
    hold.detail = std::move(detail);
    hold.since = since;
    return hold;
}

std::string text_of(const http::Response& response) {
    const auto* text = std::get_if<std::string>(&response.body);
    return text != nullptr ? *text : "";
}

boost::json::value json_of(const http::Response& response) {
    auto value = json::parse(text_of(response));
    EXPECT_TRUE(value) << text_of(response);
    return value.value_or(boost::json::value());
}

std::string code_of(const http::Response& response) {
    EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    const auto value = json_of(response);
    const std::string code(value.at("code").as_string());
    EXPECT_EQ(value.at("type").as_string(), "urn:genqd:error:" + code);
    EXPECT_EQ(value.at("status").as_int64(), response.status);
    EXPECT_FALSE(value.at("title").as_string().empty());
    EXPECT_FALSE(value.at("detail").as_string().empty());
    EXPECT_TRUE(value.at("errors").is_array());
    EXPECT_FALSE(response.headers.get("X-Request-Id").empty());
    EXPECT_EQ(response.status == 429 || response.status == 503, response.headers.has("Retry-After"));
    return code;
}

std::vector<std::string> pointers_of(const http::Response& response) {
    std::vector<std::string> pointers;
    for (const auto& fault : json_of(response).at("errors").as_array()) {
        pointers.emplace_back(fault.at("pointer").as_string());
    }
    return pointers;
}

}  // namespace genq::api::test
