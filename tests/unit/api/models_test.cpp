#include "server/polling/durations.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

TEST_F(ApiTest, lists_the_catalogue_by_kind_family_and_words) {
    const auto count = [&](const std::string& query) {
        return json_of(get("/v1/models" + query)).at("models").as_array().size();
    };
    EXPECT_EQ(count(""), catalogue_->models().size());
    EXPECT_GT(count("?kind=image"), 0U);
    EXPECT_LT(count("?kind=image"), count("?kind=image&kind=video"));
    EXPECT_EQ(pointers_of(get("/v1/models?kind=nothing")), std::vector<std::string>{"?kind"});
    const auto veo = json_of(get("/v1/models?family=veo"));
    ASSERT_FALSE(veo.at("models").as_array().empty());
    for (const auto& model : veo.at("models").as_array()) {
        EXPECT_EQ(model.at("family").as_string(), "veo");
        EXPECT_EQ(model.at("input").at("type").as_string(), "object") << "its schema";
        EXPECT_TRUE(model.at("example").is_object());
    }
    EXPECT_GT(count("?q=IMAGEN"), 0U);
    EXPECT_EQ(count("?q=no-model-says-this"), 0U);
    EXPECT_EQ(pointers_of(get("/v1/models?family=x&use=y")), (std::vector<std::string>{"?use", "?family"}));
}

TEST_F(ApiTest, finds_a_model_by_an_id_with_slashes_or_by_its_alias) {
    for (const std::string id : {"google/imagen4", "google%2Fimagen4", "google%2fimagen4"}) {
        const auto model = json_of(get("/v1/models/" + id));
        EXPECT_EQ(model.at("id").as_string(), "google/imagen4");
        EXPECT_EQ(model.at("family").as_string(), "market");
        EXPECT_TRUE(model.at("longest_wait_s").is_int64());
        EXPECT_TRUE(model.at("recommended").is_bool());
        EXPECT_EQ(model.as_object().size(), 16U);
    }
    EXPECT_EQ(json_of(get("/v1/models/google/imagen4")).at("measured_s"), nullptr);
    EXPECT_EQ(json_of(get("/v1/models/kling-3.0")).at("id").as_string(), "kling-3.0/video");
    const auto unknown = get("/v1/models/google/imagen5");
    EXPECT_EQ(code_of(unknown), "not_found");
    EXPECT_NE(text_of(unknown).find("google/imagen4"), std::string::npos);
    EXPECT_EQ(get("/v1/models/").status, 404);
}

TEST_F(ApiTest, asks_whether_a_model_was_meant_that_it_has) {
    const auto missing = get("/v1/models/google/imagen44");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(json_of(missing).at("detail").as_string(),
              "google/imagen44 is not in the catalogue. Did you mean google/imagen4?");
}

TEST_F(ApiTest, shows_how_long_a_models_tasks_took) {
    const polling::Law law = polling::learn(polling::spread({20, 30, 300}), {}, {});
    const polling::Laws laws{{"google/imagen4", std::make_shared<const polling::Learnt>(polling::Learnt{law, 42})}};
    engine_.shown.durations = std::make_shared<const polling::Laws>(laws);
    for (const auto& model : {json_of(get("/v1/models/google/imagen4")),
                              json_of(get("/v1/models?q=google/imagen4")).at("models").as_array().at(0)}) {
        const auto& measured = model.at("measured_s");
        EXPECT_NEAR(measured.at("median").as_double(), law.quantile(0.5), 0.051);
        EXPECT_NEAR(measured.at("p90").as_double(), law.quantile(0.9), 0.051);
        EXPECT_EQ(measured.at("seen").as_int64(), 42);
    }
}

}  // namespace
}  // namespace genq::api::test
