#include <gmock/gmock.h>

#include "tests/unit/api/api_fixture.hpp"

// What is done with a job's input before it is accepted (DESIGN.md, "Catalogue").
namespace genq::api::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Inputs : public ApiTest {
  protected:
    Inputs() { checked(Validation::warn); }
    void checked(Validation by_default) {
        validation_ = by_default;
        restart({});
    }
    /// Warnings of an accepted job, as "pointer sentence".
    std::vector<std::string> warnings_of(const http::Response& response) {
        EXPECT_EQ(response.status, 202) << text_of(response);
        std::vector<std::string> texts;
        for (const auto& one : json_of(response).at("warnings").as_array()) texts.emplace_back(one.as_string());
        return texts;
    }
};

TEST_F(Inputs, that_lack_something_are_refused_with_its_pointer_and_nothing_is_kept) {
    const auto refused = post("/v1/jobs", R"({"model":"google/imagen4","input":{"aspect_ratio":"16:9"}})");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(code_of(refused), "validation_failed");
    EXPECT_THAT(pointers_of(refused), ElementsAre("/input/prompt"));
    EXPECT_TRUE(json_of(get("/v1/jobs")).at("jobs").as_array().empty());
    EXPECT_THAT(
        pointers_of(post("/v1/jobs", R"({"model":"luma/modify","input":{"prompt":[],"videoUrl":"https://x/a"}})")),
        ElementsAre("/input/prompt"));
}

TEST_F(Inputs, outside_of_what_is_documented_pass_with_warnings_that_stay) {
    const auto response =
        post("/v1/jobs", R"({"model":"google/imagen4","input":{"prompt":"x","aspect_ratio":"5:1","colour":"red"}})");
    const auto warnings = warnings_of(response);
    ASSERT_EQ(warnings.size(), 2U);
    EXPECT_THAT(warnings,
                ::testing::UnorderedElementsAre(HasSubstr("/input/aspect_ratio "), HasSubstr("/input/colour ")));
    const auto again = get("/v1/jobs/" + std::string(json_of(response).at("id").as_string()));
    EXPECT_EQ(json_of(again).at("warnings").as_array().size(), 2U);
}

TEST_F(Inputs, are_checked_as_strictly_as_the_job_says_or_else_the_configuration) {
    const auto job = [](const std::string& validate) {
        return R"({"model":"google/imagen4","input":{"prompt":"x","colour":"red"})" + validate + "}";
    };
    EXPECT_THAT(pointers_of(post("/v1/jobs", job(R"(,"validate":"strict")"))), ElementsAre("/input/colour"));
    EXPECT_TRUE(warnings_of(post("/v1/jobs", job(R"(,"validate":"off")"))).empty());
    checked(Validation::strict);
    EXPECT_EQ(post("/v1/jobs", job("")).status, 422);
    EXPECT_EQ(warnings_of(post("/v1/jobs", job(R"(,"validate":"warn")"))).size(), 1U);
    checked(Validation::off);
    EXPECT_EQ(post("/v1/jobs", R"({"model":"google/imagen4","input":{}})").status, 202);
}

TEST_F(Inputs, of_a_use_go_to_its_model_with_what_the_caller_left_open) {
    const auto anime = json_of(post("/v1/jobs", R"({"use":"anime","input":{"prompt":"a fox"}})"));
    EXPECT_EQ(anime.at("model").as_string(), "mj_txt2img");
    EXPECT_EQ(anime.at("input").at("version").as_string(), "niji7");
    const auto own = json_of(post("/v1/jobs", R"({"use":"anime","input":{"prompt":"a fox","version":"7"}})"));
    EXPECT_EQ(own.at("input").at("version").as_string(), "7");
}

TEST_F(Inputs, of_a_use_that_is_none_are_refused_and_the_nearest_is_named) {
    const auto refused = post("/v1/jobs", R"({"use":"animee","input":{"prompt":"a fox"}})");
    EXPECT_THAT(pointers_of(refused), ElementsAre("/use"));
    EXPECT_THAT(text_of(refused), HasSubstr("Did you mean anime"));
    EXPECT_THAT(pointers_of(post("/v1/jobs", R"({"use":"anime","model":"veo3","input":{"prompt":"a"}})")),
                ElementsAre("/use"));
}

}  // namespace
}  // namespace genq::api::test
