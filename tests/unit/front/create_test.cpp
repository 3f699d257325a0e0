#include "tests/unit/front/front_fixture.hpp"

#include "common/crypto/sha256.hpp"

namespace genq::front::test {
namespace {

namespace bj = boost::json;

TEST_F(FrontTest, makes_a_job_of_the_catalogues_id_from_each_create) {
    const std::vector<std::tuple<std::string, std::string, std::string, Family>> rows{
        {"/api/v1/jobs/createTask", R"({"model":"google/imagen4","input":{}})", "google/imagen4", Family::market},
        {"/api/v1/jobs/createTask", R"({"model":"brand/new","input":{"any":[1]}})", "brand/new", Family::market},
        {"/api/v1/jobs/createTask", R"({"model":"veo3","input":{}})", "veo3", Family::market},
        {"/api/v1/gpt4o-image/generate", R"({"prompt":"x"})", "gpt4o-image", Family::gpt4o},
        {"/api/v1/flux/kontext/generate", R"({"prompt":"x"})", "flux-kontext-pro", Family::flux},
        {"/api/v1/flux/kontext/generate", R"({"model":"flux-kontext-max"})", "flux-kontext-max", Family::flux},
        {"/api/v1/veo/generate", R"({"prompt":"x"})", "veo3_fast", Family::veo},
        {"/api/v1/veo/generate", R"({"model":"veo3_lite"})", "veo3_lite", Family::veo},
        {"/api/v1/veo/extend", R"({"taskId":"t"})", "veo/extend", Family::veo},
        {"/api/v1/veo/extend-video", R"({"taskId":"t"})", "veo/extend", Family::veo},
        {"/api/v1/runway/generate", R"({"prompt":"x"})", "runway/generate", Family::runway},
        {"/api/v1/runway/extend", R"({"taskId":"t"})", "runway/extend", Family::runway},
        {"/api/v1/aleph/generate", R"({"prompt":"x"})", "runway/aleph", Family::aleph},
        {"/api/v1/runway/generate/aleph", R"({"duration":5})", "runway/aleph", Family::aleph},
        {"/api/v1/generate", R"({"model":"V5"})", "suno/V5", Family::suno},
        {"/api/v1/generate", R"({"model":"V5_5"})", "suno/V5_5", Family::suno},
        {"/api/v1/generate/extend", R"({"audioId":"a","model":"V5"})", "suno/extend", Family::suno},
        {"/api/v1/lyrics", R"({"prompt":"x"})", "suno/lyrics", Family::suno},
        {"/api/v1/mj/generate", R"({"taskType":"mj_video"})", "mj_video", Family::midjourney},
        {"/api/v1/mj/generate", R"({"taskType":"mj_video_hd"})", "mj_video_hd", Family::midjourney},
        {"/api/v1/modify/generate", R"({"prompt":"x"})", "luma/modify", Family::luma},
    };
    int wakes = 0;
    for (const auto& [path, body, model, family] : rows) {
        const auto job = stored(create(path, body));
        EXPECT_EQ(job.model, model) << path;
        EXPECT_EQ(job.family, family) << path;
        EXPECT_EQ(job.status, JobStatus::queued);
        EXPECT_EQ(engine_.wakes, ++wakes);
    }
}

TEST_F(FrontTest, passes_on_what_a_client_leaves_empty) {
    const auto id = create("/api/v1/gpt4o-image/generate",
                           R"({"prompt":"x","filesUrl":[],"maskUrl":null,"callBackUrl":"","size":"1:1"})");
    EXPECT_EQ(input_of(id), bj::parse(R"({"prompt":"x","filesUrl":[],"maskUrl":null,"size":"1:1"})").as_object());
    const auto market =
        create("/api/v1/jobs/createTask",
               R"({"model":"a/b","callBackUrl":null,"input":{"prompt":"x","callBackUrl":"","n":null}})");
    EXPECT_EQ(input_of(market), bj::parse(R"({"prompt":"x","n":null})").as_object());
}

TEST_F(FrontTest, refuses_what_names_no_model) {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"/api/v1/jobs/createTask", "{}"},
        {"/api/v1/jobs/createTask", R"({"model":"","input":{}})"},
        {"/api/v1/jobs/createTask", R"({"model":"a/b"})"},
        {"/api/v1/jobs/createTask", R"({"model":"a/b","input":"x"})"},
        {"/api/v1/jobs/createTask", R"({"model":"a/b","input":{},"callBackUrl":"nowhere"})"},
        {"/api/v1/generate", R"({"prompt":"x"})"},
        {"/api/v1/generate/extend", R"({"prompt":"x"})"},
        {"/api/v1/mj/generate", R"({"prompt":"x"})"},
        {"/api/v1/veo/extend", R"({"prompt":"x"})"},
        {"/api/v1/runway/extend", R"({"prompt":"x"})"},
        {"/api/v1/lyrics", "[1]"},
    };
    for (const auto& [path, body] : rows) EXPECT_EQ(ask("POST", path, body).at("code").as_int64(), 422) << path << body;
    EXPECT_EQ(engine_.wakes, 0);
}

TEST_F(FrontTest, reads_its_own_urls_and_ids_as_references) {
    const auto picture = create("/api/v1/jobs/createTask", R"({"model":"a/b","input":{}})");
    succeed_with(picture, "market-success");
    const std::string result(poll("/api/v1/jobs/recordInfo", picture).at("resultJson").as_string());
    const std::string url(bj::parse(result).at("resultUrls").at(0).as_string());
    const auto running = create("/api/v1/veo/generate", R"({"prompt":"x"})");
    const bj::value body{
        {"prompt", running + " in a text stays"},
        {"imageUrls", {url, "https://queue.example/v1/blobs/x/y?exp=1&sig=z", "https://a.example/1.png"}},
        {"deep", {{"task_id", running}}},
        {"parent", picture},
        {"taskId", running}};
    const auto input = input_of(create("/api/v1/veo/extend", bj::serialize(body)));
    EXPECT_EQ(input.at("imageUrls").at(0).as_string(), "genqd:blob/" + stored(picture).outputs.at(0).digest->hex());
    EXPECT_EQ(input.at("imageUrls").at(1), body.at("imageUrls").at(1)) << "its signature does not hold";
    EXPECT_EQ(input.at("imageUrls").at(2), body.at("imageUrls").at(2));
    EXPECT_EQ(input.at("deep").at("task_id").as_string(), "genqd:job/" + running + "/task");
    EXPECT_EQ(input.at("taskId").as_string(), "genqd:job/" + running + "/task");
    EXPECT_EQ(input.at("parent").as_string(), "genqd:job/" + picture + "/task");
    EXPECT_EQ(input.at("prompt"), body.at("prompt"));
}

TEST_F(FrontTest, shows_references_as_the_client_sent_them) {
    const auto running = create("/api/v1/runway/generate", R"({"prompt":"x"})");
    const auto id = create("/api/v1/runway/extend", R"({"taskId":")" + running + R"(","prompt":"on"})");
    EXPECT_EQ(poll("/api/v1/runway/record-detail", id).at("parentTaskId").as_string(), running);
}

TEST_F(FrontTest, sends_kie_ais_id_of_a_task_that_has_ended_and_shows_the_clients) {
    const auto film = create("/api/v1/runway/generate", R"({"prompt":"x"})");
    succeed_with(film, "runway-success");
    const auto id = create("/api/v1/runway/extend", R"({"taskId":")" + film + R"(","prompt":"on"})");
    const auto job = stored(id);
    EXPECT_EQ(job.step, Step::submit) << "there is nothing to upload, nor to wait for";
    EXPECT_EQ(bj::parse(job.sent_input).at("taskId").as_string(), stored(film).task_id);
    EXPECT_EQ(poll("/api/v1/runway/record-detail", id).at("parentTaskId").as_string(), film);
    const auto shown = poll("/api/v1/runway/record-detail", id);
    EXPECT_FALSE(bj::serialize(shown).contains(stored(film).task_id)) << "kie.ai's own id is nobody's here";
}

TEST_F(FrontTest, knows_the_tasks_of_others_that_the_caller_may_see) {
    const auto sha = [](const std::string& text) { return crypto::sha256_hex(text); };
    use_tokens({{.name = "a", .sha256 = sha("aa"), .scopes = {Scope::submit, Scope::read}},
                {.name = "b", .sha256 = sha("bb"), .scopes = {Scope::submit, Scope::read}}});
    const auto made = ask("POST", "/api/v1/runway/generate", R"({"prompt":"x"})", {{"Authorization", "Bearer aa"}});
    const std::string id(made.at("data").at("taskId").as_string());
    const auto other =
        ask("POST", "/api/v1/runway/extend", R"({"taskId":")" + id + R"("})", {{"Authorization", "Bearer bb"}});
    EXPECT_EQ(input_of(std::string(other.at("data").at("taskId").as_string())).at("taskId").as_string(),
              "genqd:job/" + id + "/task");
}

TEST_F(FrontTest, refuses_a_full_queue_and_a_spent_budget_in_kie_ais_codes) {
    const std::string path = "/api/v1/jobs/createTask";
    const std::string body = R"({"model":"google/imagen4","input":{"prompt":"x"}})";
    tokens_ = std::make_shared<TokenSet>(std::vector<Token>{},
                                         DaemonBudget{.budget = {.credits_per_day = 1'000}, .unknown_credits = 900});
    EXPECT_EQ(ask("POST", path, body).at("code").as_int64(), 200);
    EXPECT_EQ(ask("POST", path, body).at("code").as_int64(), 402);
    tokens_ = std::make_shared<TokenSet>();
    restart({.max_queued = 1, .min_free_bytes = 0});
    EXPECT_EQ(ask("POST", path, body).at("code").as_int64(), 455);
}

}  // namespace
}  // namespace genq::front::test
