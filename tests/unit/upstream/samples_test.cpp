#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

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
    int code;
    const char* task_id;
};

const std::vector<Callback> callbacks{
    {"aleph-callback-fail.json", 400, "ee603959-debb-48d1-98c4-a6d1c717eba6"},
    {"aleph-callback-success.json", 200, "ee603959-debb-48d1-98c4-a6d1c717eba6"},
    {"flux-callback-fail.json", 501, "task12345"},
    {"flux-callback-success.json", 200, "task12345"},
    {"gpt4o-callback-fail.json", 400, "task12345"},
    {"gpt4o-callback-success.json", 200, "task12345"},
    {"luma-callback-fail.json", 500, "774d9a7dd608a0e49293903095e45a4c"},
    {"luma-callback-success.json", 200, "774d9a7dd608a0e49293903095e45a4c"},
    {"mj-callback-fail.json", 500, "mj_task_12345"},
    {"mj-callback-success.json", 200, "mj_task_12345"},
    {"runway-callback-fail.json", 400, "ee603959-debb-48d1-98c4-a6d1c717eba6"},
    {"runway-callback-success.json", 200, "ee603959-debb-48d1-98c4-a6d1c717eba6"},
    {"suno-callback-complete.json", 200, "2fac9f72"},
    {"suno-callback-fail.json", 501, "2fac9f72"},
    {"suno-callback-first.json", 200, "2fac9f72"},
    {"suno-callback-text.json", 200, "2fac9f72"},
    {"veo-4k-callback-fail.json", 500, "veo_task_abcdef123456"},
    {"veo-4k-callback-success.json", 200, "veo_task_example123"},
    {"veo-callback-fail.json", 422, "veo_task_abcdef123456"},
    {"veo-callback-success-text.json", 200, "veo_task_abcdef123456"},
    {"veo-callback-success.json", 200, "veo_task_abcdef123456"},
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

TEST(Samples, of_callbacks_are_envelopes_and_name_their_task) {
    for (const auto& row : callbacks) {
        SCOPED_TRACE(row.file);
        const auto envelope = read_envelope(response(row.file));
        ASSERT_TRUE(envelope);
        EXPECT_EQ(envelope->deciding_code(), row.code);
        // The id is in one of three places, by family.
        const auto body = json::parse(read_file(row.file));
        std::set<std::string> ids;
        for (const char* pointer : {"/taskId", "/data/taskId", "/data/task_id"}) {
            boost::system::error_code error;
            if (const auto* id = body.find_pointer(pointer, error)) ids.emplace(id->as_string().c_str());
        }
        EXPECT_EQ(ids, std::set<std::string>{row.task_id});
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
