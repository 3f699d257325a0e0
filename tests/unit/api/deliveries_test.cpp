#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

class Deliveries : public ApiTest {
  protected:
    [[nodiscard]] http::Response submit_with(const std::string& webhook) {
        return post("/v1/jobs", R"({"model":"google/imagen4","input":{"prompt":"x"},"webhook":)" + webhook + "}");
    }
};

TEST_F(Deliveries, of_a_webhook_that_makes_no_sense_are_refused_with_a_pointer) {
    const std::vector<std::pair<std::string, std::string>> rows{
        {R"("https://a.example")", "/webhook"},
        {R"({})", "/webhook/url"},
        {R"({"url":"ftp://a.example"})", "/webhook/url"},
        {R"({"url":"https://user:word@a.example"})", "/webhook/url"},
        {R"({"url":"https://a.example","secret":"x"})", "/webhook/secret"},
        {R"({"url":"https://a.example","events":[]})", "/webhook/events"},
        {R"({"url":"https://a.example","events":["failed","done"]})", "/webhook/events/1"},
    };
    for (const auto& [webhook, pointer] : rows) {
        const auto response = submit_with(webhook);
        EXPECT_EQ(response.status, 422) << webhook;
        EXPECT_EQ(pointers_of(response), std::vector<std::string>{pointer}) << webhook;
    }
    const auto batch =
        post("/v1/batches", R"({"jobs":[{"model":"google/imagen4","input":{"prompt":"x"},"webhook":{"url":"x"}}]})");
    EXPECT_EQ(pointers_of(batch), std::vector<std::string>{"/jobs/0/webhook/url"});
    EXPECT_EQ(submit_with("null").status, 202);
}

TEST_F(Deliveries, are_not_promised_without_a_secret_to_sign_them) {
    takes_webhooks_ = false;
    const auto response = submit_with(R"({"url":"https://a.example"})");
    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(pointers_of(response), std::vector<std::string>{"/webhook"});
}

TEST_F(Deliveries, are_listed_and_repeated_by_an_admin_alone) {
    const auto id = submit(R"(,"webhook":{"url":"https://a.example","events":["queued","canceled"]})");
    const auto none = submit();
    EXPECT_TRUE(json_of(get("/v1/jobs/" + none + "/deliveries")).at("deliveries").as_array().empty());
    const auto listed = json_of(get("/v1/jobs/" + id + "/deliveries")).at("deliveries").as_array();
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed.at(0).at("id").as_int64(), 1);
    EXPECT_EQ(listed.at(0).at("event").as_string(), "job.queued");
    EXPECT_EQ(listed.at(0).at("state").as_string(), "pending");
    EXPECT_EQ(post("/v1/jobs/" + id + "/deliveries/1/redeliver", "").status, 202);
    for (const std::string n : {"0", "2", "x", "01x", "99999999999"}) {
        EXPECT_EQ(post("/v1/jobs/" + id + "/deliveries/" + n + "/redeliver", "").status, 404) << n;
    }
    EXPECT_EQ(post("/v1/jobs/" + id + "/deliveries/1/redeliver", R"({"now":true})").status, 422);
    EXPECT_NE(text_of(get("/metrics")).find("genqd_webhook_deliveries_pending 1\n"), std::string::npos);
}

}  // namespace
}  // namespace genq::api::test
