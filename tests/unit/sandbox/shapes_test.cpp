#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/unit/sandbox/rig.hpp"

namespace genq::sandbox::test {
namespace {

namespace json = boost::json;

json::value sample(const std::string& name) {
    std::ifstream file(std::string(GENQ_TEST_DATA) + "/kie/" + name + ".json");
    std::stringstream text;
    text << file.rdbuf();
    return json::parse(text.str());
}

std::string kind(const json::value& value) {
    if (value.is_number()) return "number";
    if (value.is_string()) return "string";
    if (value.is_bool()) return "bool";
    if (value.is_null()) return "null";
    return value.is_object() ? "object" : "array";
}

/// Ours has the same keys and kinds of values as the sample, all the way down. Of a list the first entry is compared.
void expect_shape(const json::value& ours, const json::value& theirs, const std::string& where) {
    ASSERT_EQ(kind(ours), kind(theirs)) << where;
    if (ours.is_array() && !ours.as_array().empty() && !theirs.as_array().empty()) {
        expect_shape(ours.as_array()[0], theirs.as_array()[0], where + "/0");
    }
    if (!ours.is_object()) return;
    std::set<std::string> our_keys;
    std::set<std::string> their_keys;
    for (const auto& [key, value] : ours.as_object()) our_keys.insert(key);
    for (const auto& [key, value] : theirs.as_object()) their_keys.insert(key);
    EXPECT_EQ(our_keys, their_keys) << where;
    for (const auto& [key, value] : ours.as_object()) {
        if (const auto* other = theirs.as_object().if_contains(key)) {
            expect_shape(value, *other, where + "/" + std::string(key));
        }
    }
}

constexpr auto* hook = "http://hooks.local/cb";

struct Case {
    const char* family;
    const char* create;
    const char* body;  // % is where a word goes
    const char* poll;
    const char* pending;
    const char* success;
    const char* failure;
    const char* callback;
    const char* callback_failure;
};

const std::vector<Case> cases{
    {"market", "/api/v1/jobs/createTask", R"({"model":"z-image","input":{"prompt":"a%"},"callBackUrl":"#"})",
     "/api/v1/jobs/recordInfo", "market-waiting", "market-success", "market-fail-upstream400",
     "market-callback-success", ""},
    {"gpt4o", "/api/v1/gpt4o-image/generate", R"({"prompt":"a%","size":"1:1","callBackUrl":"#"})",
     "/api/v1/gpt4o-image/record-info", "gpt4o-pending", "gpt4o-success", "", "gpt4o-callback-success",
     "gpt4o-callback-fail"},
    {"flux", "/api/v1/flux/kontext/generate", R"({"prompt":"a%","callBackUrl":"#"})",
     "/api/v1/flux/kontext/record-info", "flux-pending", "flux-success", "flux-fail", "flux-callback-success",
     "flux-callback-fail"},
    {"veo", "/api/v1/veo/generate", R"({"prompt":"a%","aspect_ratio":"9:16","callBackUrl":"#"})",
     "/api/v1/veo/record-info", "veo-pending", "veo-success", "veo-fail", "veo-callback-success", "veo-callback-fail"},
    {"runway", "/api/v1/runway/generate",
     R"({"prompt":"a%","duration":5,"quality":"720p","aspectRatio":"1:1","callBackUrl":"#"})",
     "/api/v1/runway/record-detail", "runway-wait", "runway-success", "runway-fail", "runway-callback-success",
     "runway-callback-fail"},
    {"aleph", "/api/v1/aleph/generate", R"({"prompt":"a%","videoUrl":"https://example.com/v.mp4","callBackUrl":"#"})",
     "/api/v1/aleph/record-info", "aleph-pending", "aleph-success", "aleph-fail", "aleph-callback-success",
     "aleph-callback-fail"},
    {"suno", "/api/v1/generate",
     R"({"prompt":"a%","customMode":false,"instrumental":true,"model":"V5","callBackUrl":"#"})",
     "/api/v1/generate/record-info", "suno-pending", "suno-success", "suno-fail", "suno-callback-complete",
     "suno-callback-fail"},
    {"lyrics", "/api/v1/lyrics", R"({"prompt":"a%","callBackUrl":"#"})", "/api/v1/lyrics/record-info", "lyrics-pending",
     "lyrics-success", "lyrics-fail", "", ""},
    {"midjourney", "/api/v1/mj/generate", R"({"taskType":"mj_txt2img","prompt":"a%","callBackUrl":"#"})",
     "/api/v1/mj/record-info", "mj-pending", "mj-success", "mj-fail", "mj-callback-success", "mj-callback-fail"},
    {"luma", "/api/v1/modify/generate", R"({"prompt":"a%","videoUrl":"https://example.com/v.mp4","callBackUrl":"#"})",
     "/api/v1/modify/record-info", "luma-pending", "luma-success", "luma-fail", "luma-callback-success",
     "luma-callback-fail"},
};

class Shapes : public testing::TestWithParam<Case> {
  protected:
    std::string start(const std::string& word) {
        std::string body = GetParam().body;
        body.replace(body.find('%'), 1, word);
        body.replace(body.find('#'), 1, hook);
        return rig_.create(GetParam().create, body);
    }
    void compare_poll(const std::string& id, const std::string& name) {
        if (!name.empty()) {
            expect_shape(rig_.get(std::string(GetParam().poll) + "?taskId=" + id), sample(name), name);
        }
    }
    void compare_callback(const std::string& id, const std::string& name) {
        if (name.empty()) return;
        const auto call = rig_.service().callback(id, CallbackPoint::end, rig_.now());
        EXPECT_EQ(call.url, hook);
        expect_shape(read(call.body), sample(name), name);
    }
    Rig rig_;
};

TEST_P(Shapes, are_those_of_the_samples) {
    const auto good = start("");
    const auto bad = start(" [fail]");
    compare_poll(good, GetParam().pending);
    rig_.pass(10s);
    compare_poll(good, GetParam().success);
    compare_poll(bad, GetParam().failure);
    compare_callback(good, GetParam().callback);
    compare_callback(bad, GetParam().callback_failure);
}

INSTANTIATE_TEST_SUITE_P(All, Shapes, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.family); });

}  // namespace
}  // namespace genq::sandbox::test
