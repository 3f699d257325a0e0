#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "server/upstream/callback.hpp"
#include "tests/unit/upstream/sample_records.hpp"

/// What every body of tests/data/kie means. The bodies follow kie.ai's pages and public clients; none is recorded.
namespace genq::upstream {
namespace {

namespace json = boost::json;
using test::sample_records;

const std::filesystem::path folder = std::filesystem::path(GENQ_TEST_DATA) / "kie";

std::string read_file(const std::string& name) {
    std::ifstream file(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

http::ClientResponse response(const std::string& name) {
    return {200, {}, read_file(name)};
}

struct Create {
    const char* file;
    CreateVerdict create;
    QueryVerdict query;
    const char* task_id = "";
};

/// Answers to creates, and errors as answers to both kinds of request.
const std::vector<Create> creates{
    {"create-family.json", CreateVerdict::created, QueryVerdict::answered, "ee603959-debb-48d1-98c4-a6d1c717eba6"},
    {"create-market.json", CreateVerdict::created, QueryVerdict::answered, "task_imagen4_1765180586443"},
    {"create-market-with-recordid.json", CreateVerdict::created, QueryVerdict::answered,
     "task_elevenlabs_1765185413162"},
    {"error-401-long.json", CreateVerdict::auth, QueryVerdict::auth},
    {"error-401.json", CreateVerdict::auth, QueryVerdict::auth},
    {"error-402.json", CreateVerdict::credits, QueryVerdict::failed},
    {"error-404.json", CreateVerdict::rejected, QueryVerdict::not_visible},
    {"error-408.json", CreateVerdict::server_error, QueryVerdict::answered},
    {"error-422-suno-callback.json", CreateVerdict::rejected, QueryVerdict::answered},
    {"error-422.json", CreateVerdict::rejected, QueryVerdict::answered},
    {"error-429-frequency.json", CreateVerdict::rate_limited, QueryVerdict::rate_limited},
    {"error-429.json", CreateVerdict::rate_limited, QueryVerdict::rate_limited},
    {"error-433.json", CreateVerdict::credits, QueryVerdict::failed},
    {"error-451.json", CreateVerdict::rejected, QueryVerdict::answered},
    {"error-455.json", CreateVerdict::maintenance, QueryVerdict::failed},
    {"error-500-validation.json", CreateVerdict::rejected, QueryVerdict::failed},
    {"error-500.json", CreateVerdict::server_error, QueryVerdict::failed},
    {"error-501.json", CreateVerdict::server_error, QueryVerdict::answered},
    {"error-505.json", CreateVerdict::rejected, QueryVerdict::answered},
    {"error-550.json", CreateVerdict::rate_limited, QueryVerdict::rate_limited},
    {"market-not-visible.json", CreateVerdict::rejected, QueryVerdict::not_visible},
};

struct Callback {
    const char* file;
    Family family;
    const char* model;
    const char* task_id;
    TaskState state;
    std::vector<std::string> outputs = {};
    int fail_code = 0;
    bool passing = false;
    const char* result = "";  // what its JSON contains
};

constexpr auto done = TaskState::succeeded;
constexpr auto dead = TaskState::failed;
constexpr auto goes_on = TaskState::pending;
const std::vector<Callback> callbacks{
    {"aleph-callback-fail.json", Family::aleph, "runway/aleph", "ee603959-debb-48d1-98c4-a6d1c717eba6", dead, {}, 400},
    {"aleph-callback-success.json",
     Family::aleph,
     "runway/aleph",
     "ee603959-debb-48d1-98c4-a6d1c717eba6",
     done,
     {"video a.mp4"}},
    {"flux-callback-fail.json", Family::flux, "flux-kontext-pro", "task12345", dead, {}, 501},
    {"flux-callback-success.json", Family::flux, "flux-kontext-pro", "task12345", done, {"image result.jpg"}},
    {"gpt4o-callback-fail.json", Family::gpt4o, "gpt4o-image", "task12345", dead, {}, 400},
    {"gpt4o-callback-success.json", Family::gpt4o, "gpt4o-image", "task12345", done, {"image 1.png"}},
    {"luma-callback-fail.json", Family::luma, "luma/modify", "774d9a7dd608a0e49293903095e45a4c", dead, {}, 500},
    {"luma-callback-success.json",
     Family::luma,
     "luma/modify",
     "774d9a7dd608a0e49293903095e45a4c",
     done,
     {"video out.mp4"}},
    {"mj-callback-fail.json", Family::midjourney, "mj_txt2img", "mj_task_12345", dead, {}, 500},
    {"mj-callback-success.json",
     Family::midjourney,
     "mj_txt2img",
     "mj_task_12345",
     done,
     {"image 0.png", "image 1.png", "image 2.png", "image 3.png"}},
    {"runway-callback-fail.json",
     Family::runway,
     "runway/generate",
     "ee603959-debb-48d1-98c4-a6d1c717eba6",
     dead,
     {},
     400,
     true},
    {"runway-callback-success.json",
     Family::runway,
     "runway/generate",
     "ee603959-debb-48d1-98c4-a6d1c717eba6",
     done,
     {"video 1.mp4"}},
    {"suno-callback-complete.json",
     Family::suno,
     "suno/V5",
     "2fac9f72",
     done,
     {"audio 1.mp3", "audio 2.mp3"},
     0,
     false,
     R"("title":"Night Drive")"},
    {"suno-callback-fail.json", Family::suno, "suno/V5", "2fac9f72", dead, {}, 501},
    {"suno-callback-first.json", Family::suno, "suno/V5", "2fac9f72", goes_on},
    {"suno-callback-text.json", Family::suno, "suno/V5", "2fac9f72", goes_on},
    {"veo-4k-callback-fail.json", Family::veo, "veo/4k", "veo_task_abcdef123456", dead, {}, 500},
    {"veo-4k-callback-success.json", Family::veo, "veo/4k", "veo_task_example123", done, {"video 4k.mp4"}},
    {"veo-callback-fail.json", Family::veo, "veo3", "veo_task_abcdef123456", dead, {}, 422},
    {"veo-callback-success-text.json", Family::veo, "veo3", "veo_task_abcdef123456", done, {"video 1.mp4"}},
    {"veo-callback-success.json", Family::veo, "veo3", "veo_task_abcdef123456", done, {"video 1.mp4"}},
};

struct Other {
    const char* file;
    int code;
    const char* pointer;  // into data
    const char* value;
};

const std::vector<Other> others{
    {"credits.json", 200, "", "100"},
    {"credits-fraction.json", 200, "", "99.5"},
    {"download-url.json", 200, "",
     R"("https://tempfile.example-store.com/v/1.png?X-Amz-Expires=1200&X-Amz-Signature=abc")"},
    {"upload-success.json", 200, "/downloadUrl", R"("https://tempfile.redpandaai.co/kieai/528618/images/a.png")"},
    {"upload-success-quickstart.json", 200, "/downloadUrl", R"("https://kieai.redpandaai.co/download/file_abc123456")"},
    {"upload-success-seed.json", 200, "/fileUrl", R"("https://tempfile.redpandaai.co/kieai/1/a.png")"},
    {"upload-fail-400.json", 400, "", "null"},
    {"upload-fail-401.json", 401, "", "null"},
};

std::string describe(const Output& output) {
    return output.role + " " + output.source_url.substr(output.source_url.rfind('/') + 1);
}

TEST(Samples, of_records_mean_what_the_table_says) {
    for (const auto& row : sample_records()) {
        SCOPED_TRACE(row.file);
        const auto envelope = read_envelope(response(row.file));
        ASSERT_TRUE(envelope);
        const json::object input;
        const TaskSpec spec{row.model, row.model, input, "t", ""};
        const auto report = adapter(row.family).read(spec, *envelope);
        EXPECT_EQ(static_cast<int>(report.state), static_cast<int>(row.state));
        EXPECT_EQ(report.word, row.word);
        EXPECT_TRUE(report.known_word);
        std::vector<std::string> outputs;
        for (const auto& output : report.outputs) {
            EXPECT_EQ(output.index, static_cast<int>(outputs.size()));
            outputs.push_back(describe(output));
        }
        EXPECT_EQ(outputs, row.outputs);
        EXPECT_EQ(report.fail_code, row.fail_code);
        EXPECT_EQ(report.fail_message.empty(), row.state != TaskState::failed);
        EXPECT_EQ(report.passing, row.passing);
        EXPECT_EQ(report.reread, row.reread);
        EXPECT_EQ(report.credits, row.credits);
        EXPECT_EQ(report.progress, row.progress);
        const auto result = report.result ? *report.result : json::value("");
        EXPECT_EQ(result, *row.result == '\0' ? json::value("") : json::parse(row.result)) << json::serialize(result);
    }
}

TEST(Samples, of_answers_to_creates_and_of_errors_mean_what_the_table_says) {
    for (const auto& row : creates) {
        SCOPED_TRACE(row.file);
        const http::Exchange exchange{response(row.file), http::Written::fully};
        const auto outcome = classify_create(exchange, true);
        EXPECT_EQ(to_string(outcome.verdict), to_string(row.create));
        EXPECT_EQ(outcome.task_id, row.task_id);
        EXPECT_EQ(to_string(classify_query(exchange, true).verdict), to_string(row.query));
    }
}

TEST(Samples, of_records_are_answers_to_queries) {
    for (const auto& row : sample_records()) {
        const http::Exchange exchange{response(row.file), http::Written::fully};
        EXPECT_EQ(to_string(classify_query(exchange, true).verdict), "answered") << row.file;
    }
}

TEST(Samples, of_callbacks_name_their_task_and_mean_what_the_table_says) {
    for (const auto& row : callbacks) {
        SCOPED_TRACE(row.file);
        const auto body = read_callback_body(read_file(row.file));
        ASSERT_TRUE(body);
        EXPECT_EQ(body->task_id, row.task_id);
        const json::object input;
        const TaskSpec spec{row.model, row.model, input, row.task_id, ""};
        const auto report = adapter(row.family).read_callback(spec, body->envelope);
        EXPECT_EQ(static_cast<int>(report.state), static_cast<int>(row.state));
        std::vector<std::string> outputs;
        for (const auto& output : report.outputs) outputs.push_back(describe(output));
        EXPECT_EQ(outputs, row.outputs);
        EXPECT_EQ(report.fail_code.value_or(0), row.fail_code);
        EXPECT_EQ(report.fail_message.empty(), row.state != dead);
        EXPECT_EQ(report.passing, row.passing);
        EXPECT_FALSE(report.reread);
        const auto result = report.result ? json::serialize(*report.result) : "";
        EXPECT_NE(result.find(row.result), std::string::npos) << result;
    }
}

TEST(Samples, of_other_answers_are_envelopes_with_their_data) {
    for (const auto& row : others) {
        SCOPED_TRACE(row.file);
        const auto envelope = read_envelope(response(row.file));
        ASSERT_TRUE(envelope);
        EXPECT_EQ(envelope->deciding_code(), row.code);
        EXPECT_EQ(envelope->data.at_pointer(row.pointer), json::parse(row.value));
    }
}

TEST(Samples, each_have_a_row) {
    std::multiset<std::string> named;
    for (const auto& row : sample_records()) named.insert(row.file);
    for (const auto& row : creates) named.insert(row.file);
    for (const auto& row : callbacks) named.insert(row.file);
    for (const auto& row : others) named.insert(row.file);
    std::multiset<std::string> present;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        present.insert(entry.path().filename().string());
    }
    EXPECT_EQ(named, present);
}

}  // namespace
}  // namespace genq::upstream
