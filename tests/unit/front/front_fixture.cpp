#include "tests/unit/front/front_fixture.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "common/crypto/encoding.hpp"
#include "common/json/parse.hpp"
#include "server/engine/result_files.hpp"

namespace genq::front::test {

namespace bj = boost::json;

FrontTest::FrontTest() {
    mount_ = front::mount();
    restart({.public_url = "https://queue.example", .min_free_bytes = 0});
}

bj::object FrontTest::ask(const std::string& method, const std::string& target, const std::string& body,
                          http::Fields headers) {
    const auto response = send(method, target, std::move(headers), body);
    EXPECT_EQ(response.status, 200) << target;
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json") << target;
    EXPECT_FALSE(response.headers.get("X-Request-Id").empty());
    const auto value = json_of(response);
    const auto* object = value.if_object();
    EXPECT_TRUE(object != nullptr && object->contains("code") && object->at("code").is_int64() &&
                object->contains("msg") && object->at("msg").is_string() && object->contains("data"))
        << target << ": " << text_of(response);
    return object == nullptr ? bj::object() : *object;
}

std::string FrontTest::create(const std::string& path, const std::string& body) {
    const auto answer = ask("POST", path, body);
    EXPECT_EQ(answer.at("code").as_int64(), 200) << path << bj::serialize(answer);
    if (answer.at("code") != 200) return "";
    expect_shape(sample("create-family"), answer);
    return std::string(answer.at("data").at("taskId").as_string());
}

bj::object FrontTest::poll(const std::string& path, const std::string& id) {
    const auto answer = ask("GET", path + "?taskId=" + id);
    EXPECT_EQ(answer.at("code").as_int64(), 200) << path << bj::serialize(answer);
    const auto* data = answer.at("data").if_object();
    return data == nullptr ? bj::object() : *data;
}

bj::object FrontTest::input_of(const std::string& id) {
    return json::parse(stored(id).input).value().as_object();
}

void FrontTest::succeed_with(const std::string& id, const std::string& name) {
    make_generating(id);
    const auto job = stored(id);
    const auto record = sample(name);
    upstream::Envelope envelope;
    envelope.http_status = 200;
    envelope.code = 200;
    envelope.data = record.at("data");
    const upstream::TaskSpec spec{
        .model = job.model, .wire_model = job.wire_model, .input = {}, .task_id = "task-1", .callback_url = ""};
    auto report = upstream::adapter(job.family).read(spec, envelope);
    if (report.result) engine::list_result_files(report.outputs, *report.result);
    ASSERT_EQ(report.state, upstream::TaskState::succeeded) << name;
    store::Generated generated;
    generated.id = id_of(id);
    generated.outputs = report.outputs;
    generated.result = report.result;
    generated.credits = 8;
    ASSERT_TRUE(run(store_->record_generated(std::move(generated))));
    for (auto output : report.outputs) {
        auto writer = blobs_->create().value();
        ASSERT_TRUE(run(writer->write(crypto::bytes_of("bytes of " + output.source_url))));
        const auto blob = run(writer->commit()).value();
        output.digest = blob.digest;
        output.bytes = blob.bytes;
        output.media_type = "image/png";
        output.filename = "output-" + std::to_string(output.index) + ".png";
        ASSERT_TRUE(run(store_->record_output(id_of(id), output)));
    }
    ASSERT_EQ(stored(id).status, JobStatus::succeeded);
}

void FrontTest::fail_with(const std::string& id, JobErrorCode code, bool with_task) {
    if (with_task) make_generating(id);
    make_failed(id, code);
}

bj::object FrontTest::sample(const std::string& name) {
    std::ifstream file(std::string(GENQ_TEST_DATA) + "/kie/" + name + ".json");
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return json::parse(text).value().as_object();
}

void expect_shape(const bj::value& wanted, const bj::value& got, const std::vector<std::string>& but,
                  const std::string& at) {
    if (wanted.is_object() && got.is_object()) {
        for (const auto& member : wanted.get_object()) {
            const std::string name(member.key());
            if (std::ranges::find(but, name) != but.end()) continue;
            const auto* found = got.get_object().if_contains(name);
            ASSERT_NE(found, nullptr) << at << "/" << name << " is missing";
            expect_shape(member.value(), *found, but, at + "/" + name);
        }
    } else if (wanted.is_array() && got.is_array()) {
        if (wanted.get_array().empty()) return;
        ASSERT_FALSE(got.get_array().empty()) << at;
        expect_shape(wanted.get_array().front(), got.get_array().front(), but, at + "/0");
    } else {
        EXPECT_TRUE(wanted.kind() == got.kind() || (wanted.is_number() && got.is_number()))
            << at << " is " << bj::serialize(got) << ", kie.ai's is " << bj::serialize(wanted);
    }
}

}  // namespace genq::front::test
