#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "server/upstream/family.hpp"

namespace genq::upstream {
namespace {

namespace json = boost::json;

struct Row {
    const char* model;
    Family family;
    const char* wire_model;
    const char* endpoint;
    const char* input;
    const char* create;  // method and path
    const char* body;    // "" with GET
    const char* query;
};

constexpr const char* task = "task/1 ü";
constexpr const char* in_query = "taskId=task%2F1%20%C3%BC";
constexpr const char* callback = "https://genqd.example/cb";

/// One row for each id of the families and endpoint variant; Suno and Market rows show the callback.
const Row rows[] = {
    {"google/imagen4", Family::market, "google/imagen4", "", R"({"prompt":"lake","callBackUrl":1})",
     "POST /api/v1/jobs/createTask",
     R"({"model":"google/imagen4","input":{"prompt":"lake","callBackUrl":1},"callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/jobs/recordInfo?"},
    {"my-own", Family::market, "kling-3.0/video", "", R"({"duration":"5"})", "POST /api/v1/jobs/createTask",
     R"({"model":"kling-3.0/video","input":{"duration":"5"},"callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/jobs/recordInfo?"},
    {"gpt4o-image", Family::gpt4o, "gpt4o-image", "", R"({"prompt":"p","size":"1:1"})",
     "POST /api/v1/gpt4o-image/generate", R"({"prompt":"p","size":"1:1","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/gpt4o-image/record-info?"},
    {"flux-kontext-pro", Family::flux, "flux-kontext-pro", "", R"({"prompt":"p"})",
     "POST /api/v1/flux/kontext/generate",
     R"({"prompt":"p","model":"flux-kontext-pro","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/flux/kontext/record-info?"},
    {"flux-kontext-max", Family::flux, "flux-kontext-max", "", R"({"prompt":"p","model":"flux-kontext-max"})",
     "POST /api/v1/flux/kontext/generate",
     R"({"prompt":"p","model":"flux-kontext-max","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/flux/kontext/record-info?"},
    {"veo3", Family::veo, "veo3", "", R"({"prompt":"p","seeds":12345})", "POST /api/v1/veo/generate",
     R"({"prompt":"p","seeds":12345,"model":"veo3","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/veo/record-info?"},
    {"veo3_fast", Family::veo, "veo3_fast", "", R"({"prompt":"p"})", "POST /api/v1/veo/generate",
     R"({"prompt":"p","model":"veo3_fast","callBackUrl":"https://genqd.example/cb"})", "GET /api/v1/veo/record-info?"},
    {"veo/extend", Family::veo, "veo/extend", "docs", R"({"taskId":"v1","prompt":"p","model":"fast"})",
     "POST /api/v1/veo/extend",
     R"({"taskId":"v1","prompt":"p","model":"fast","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/veo/record-info?"},
    {"veo/extend", Family::veo, "veo/extend", "", R"({"taskId":"v1","prompt":"p"})", "POST /api/v1/veo/extend",
     R"({"taskId":"v1","prompt":"p","callBackUrl":"https://genqd.example/cb"})", "GET /api/v1/veo/record-info?"},
    {"veo/extend", Family::veo, "veo/extend", "seed", R"({"taskId":"v1","prompt":"p"})",
     "POST /api/v1/veo/extend-video", R"({"taskId":"v1","prompt":"p","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/veo/record-info?"},
    {"runway/generate", Family::runway, "runway/generate", "", R"({"prompt":"p","duration":5})",
     "POST /api/v1/runway/generate", R"({"prompt":"p","duration":5,"callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/runway/record-detail?"},
    {"runway/extend", Family::runway, "runway/extend", "", R"({"taskId":"r1","prompt":"p","quality":"720p"})",
     "POST /api/v1/runway/extend",
     R"({"taskId":"r1","prompt":"p","quality":"720p","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/runway/record-detail?"},
    {"runway/aleph", Family::aleph, "runway/aleph", "docs", R"({"prompt":"p","videoUrl":"u"})",
     "POST /api/v1/aleph/generate", R"({"prompt":"p","videoUrl":"u","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/aleph/record-info?"},
    {"runway/aleph", Family::aleph, "runway/aleph", "seed", R"({"prompt":"p","videoUrl":"u","duration":5})",
     "POST /api/v1/runway/generate/aleph",
     R"({"prompt":"p","videoUrl":"u","duration":5,"callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/runway/record-detail?"},
    {"suno/V5", Family::suno, "V5", "", R"({"prompt":"p","customMode":false,"instrumental":true})",
     "POST /api/v1/generate",
     R"({"prompt":"p","customMode":false,"instrumental":true,"model":"V5","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/generate/record-info?"},
    {"suno/V4_5PLUS", Family::suno, "V4_5PLUS", "", "{}", "POST /api/v1/generate",
     R"({"model":"V4_5PLUS","callBackUrl":"https://genqd.example/cb"})", "GET /api/v1/generate/record-info?"},
    {"suno/V4_5ALL", Family::suno, "V4_5ALL", "", "{}", "POST /api/v1/generate",
     R"({"model":"V4_5ALL","callBackUrl":"https://genqd.example/cb"})", "GET /api/v1/generate/record-info?"},
    {"suno/V4_5", Family::suno, "V4_5", "", "{}", "POST /api/v1/generate",
     R"({"model":"V4_5","callBackUrl":"https://genqd.example/cb"})", "GET /api/v1/generate/record-info?"},
    {"suno/V4", Family::suno, "V4", "", "{}", "POST /api/v1/generate",
     R"({"model":"V4","callBackUrl":"https://genqd.example/cb"})", "GET /api/v1/generate/record-info?"},
    {"suno/V3_5", Family::suno, "V3_5", "", "{}", "POST /api/v1/generate",
     R"({"model":"V3_5","callBackUrl":"https://genqd.example/cb"})", "GET /api/v1/generate/record-info?"},
    {"suno/V9", Family::suno, "suno/V9", "", "{}", "POST /api/v1/generate",
     R"({"model":"V9","callBackUrl":"https://genqd.example/cb"})", "GET /api/v1/generate/record-info?"},
    {"suno/extend", Family::suno, "suno/extend", "", R"({"audioId":"a1","prompt":"p","model":"V5"})",
     "POST /api/v1/generate/extend",
     R"({"audioId":"a1","prompt":"p","model":"V5","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/generate/record-info?"},
    {"suno/lyrics", Family::suno, "suno/lyrics", "", R"({"prompt":"p"})", "POST /api/v1/lyrics",
     R"({"prompt":"p","callBackUrl":"https://genqd.example/cb"})", "GET /api/v1/lyrics/record-info?"},
    {"mj_txt2img", Family::midjourney, "mj_txt2img", "", R"({"prompt":"p","version":"niji7"})",
     "POST /api/v1/mj/generate",
     R"({"prompt":"p","version":"niji7","taskType":"mj_txt2img","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/mj/record-info?"},
    {"mj_img2img", Family::midjourney, "mj_img2img", "", R"({"fileUrls":["u"]})", "POST /api/v1/mj/generate",
     R"({"fileUrls":["u"],"taskType":"mj_img2img","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/mj/record-info?"},
    {"mj_video", Family::midjourney, "mj_video", "", R"({"motion":"low"})", "POST /api/v1/mj/generate",
     R"({"motion":"low","taskType":"mj_video","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/mj/record-info?"},
    {"mj_style_reference", Family::midjourney, "mj_style_reference", "", "{}", "POST /api/v1/mj/generate",
     R"({"taskType":"mj_style_reference","callBackUrl":"https://genqd.example/cb"})", "GET /api/v1/mj/record-info?"},
    {"mj_omni_reference", Family::midjourney, "mj_omni_reference", "", R"({"ow":500})", "POST /api/v1/mj/generate",
     R"({"ow":500,"taskType":"mj_omni_reference","callBackUrl":"https://genqd.example/cb"})",
     "GET /api/v1/mj/record-info?"},
    {"luma/modify", Family::luma, "luma/modify", "", R"({"prompt":"p","videoUrl":"u"})", "POST /api/v1/modify/generate",
     R"({"prompt":"p","videoUrl":"u","callBackUrl":"https://genqd.example/cb"})", "GET /api/v1/modify/record-info?"},
};

std::string line_of(const ApiRequest& request) {
    return request.method + " " + request.path;
}

json::object object(const char* text) {
    return json::parse(text).as_object();
}

TEST(Request, of_each_model_goes_to_its_familys_endpoint) {
    for (const auto& row : rows) {
        SCOPED_TRACE(std::string(row.model) + " " + row.endpoint);
        const auto input = object(row.input);
        const TaskSpec spec{row.model, row.wire_model, input, task, callback};
        const auto create = adapter(row.family).create(spec, row.endpoint);
        EXPECT_EQ(line_of(create), row.create);
        EXPECT_EQ(json::parse(create.body), json::parse(row.body));
        const auto query = adapter(row.family).query(spec, row.endpoint);
        EXPECT_EQ(line_of(query), std::string(row.query) + in_query);
        EXPECT_EQ(query.body, "");
    }
}

TEST(Request, names_no_callback_without_one) {
    const json::object input;
    for (const auto family : all_families) {
        if (family == Family::suno) continue;  // is refused without: the engine always gives it one
        const TaskSpec spec{"m", "m", input, "", ""};
        EXPECT_EQ(adapter(family).create(spec, "").body.find("callBackUrl"), std::string::npos) << to_string(family);
    }
}

TEST(Request, for_1080p_is_a_get_of_the_parent_and_the_query_repeats_it) {
    const auto input = object(R"({"taskId":"veo 1","index":2})");
    const TaskSpec spec{"veo/1080p", "veo/1080p", input, "veo 1", callback};
    const auto create = adapter(Family::veo).create(spec, "");
    EXPECT_EQ(line_of(create), "GET /api/v1/veo/get-1080p-video?taskId=veo%201&index=2");
    EXPECT_EQ(create.body, "");
    EXPECT_EQ(line_of(adapter(Family::veo).query(spec, "")), line_of(create));
    const auto plain = object(R"({"taskId":"v1"})");
    const TaskSpec first{"veo/1080p", "veo/1080p", plain, "", ""};
    EXPECT_EQ(line_of(adapter(Family::veo).create(first, "")), "GET /api/v1/veo/get-1080p-video?taskId=v1&index=0");
}

TEST(Request, for_4k_is_a_post_of_the_parent_and_the_query_repeats_it) {
    const auto input = object(R"({"taskId":"v1"})");
    const TaskSpec spec{"veo/4k", "veo/4k", input, "other", callback};
    for (const auto& request : {adapter(Family::veo).create(spec, "docs"), adapter(Family::veo).query(spec, "docs"),
                                adapter(Family::veo).query(spec, "")}) {
        EXPECT_EQ(line_of(request), "POST /api/v1/veo/get-4k-video");
        EXPECT_EQ(json::parse(request.body),
                  json::parse(R"({"taskId":"v1","index":0,"callBackUrl":"https://genqd.example/cb"})"));
    }
}

TEST(Request, for_4k_is_a_get_by_the_older_text) {
    const auto input = object(R"({"taskId":"v1","index":"1"})");
    const TaskSpec spec{"veo/4k", "veo/4k", input, "v1", callback};
    EXPECT_EQ(line_of(adapter(Family::veo).create(spec, "seed")), "GET /api/v1/veo/get-4k-video?taskId=v1&index=1");
    EXPECT_EQ(line_of(adapter(Family::veo).query(spec, "seed")), "GET /api/v1/veo/get-4k-video?taskId=v1&index=1");
}

TEST(Endpoints, begin_with_the_pages) {
    using Names = std::vector<std::string>;
    EXPECT_EQ(adapter(Family::aleph).endpoints("runway/aleph"), (Names{"docs", "seed"}));
    EXPECT_EQ(adapter(Family::veo).endpoints("veo/extend"), (Names{"docs", "seed"}));
    EXPECT_EQ(adapter(Family::veo).endpoints("veo/4k"), (Names{"docs", "seed"}));
    EXPECT_EQ(adapter(Family::veo).endpoints("veo3"), (Names{""}));
    EXPECT_EQ(adapter(Family::veo).endpoints("veo/1080p"), (Names{""}));
    EXPECT_EQ(adapter(Family::market).endpoints("google/imagen4"), (Names{""}));
}

TEST(Adapter, is_that_of_its_family) {
    for (const auto family : all_families) EXPECT_EQ(adapter(family).family(), family);
}

TEST(Adapter, repeats_what_makes_no_second_task) {
    EXPECT_TRUE(adapter(Family::veo).repeatable("veo/1080p"));
    EXPECT_TRUE(adapter(Family::veo).repeatable("veo/4k"));
    EXPECT_FALSE(adapter(Family::veo).repeatable("veo/extend"));
    EXPECT_FALSE(adapter(Family::veo).repeatable("veo3"));
    for (const auto family : all_families) {
        if (family != Family::veo) EXPECT_FALSE(adapter(family).repeatable("veo/4k")) << to_string(family);
    }
}

}  // namespace
}  // namespace genq::upstream
