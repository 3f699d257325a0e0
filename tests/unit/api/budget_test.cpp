#include "common/core/rfc3339.hpp"
#include "common/crypto/sha256.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

const std::string imagen = R"({"model":"google/imagen4","input":{"prompt":"x"}})";

class BudgetTest : public ApiTest {
  protected:
    /// All of it for callers without a token.
    void use_budget(const Budget& budget, Millicredits unknown = 8'000) {
        tokens_ = std::make_shared<TokenSet>(std::vector<Token>{}, DaemonBudget{budget, unknown});
    }
};

TEST_F(BudgetTest, refuses_what_does_not_fit_and_names_limit_use_and_reset) {
    use_budget({.credits_per_day = 20'000});
    make_succeeded(submit(), "x", "text/plain", "x.txt");  // which cost 4
    submit();                                              // reserves 4 now
    tokens_ = std::make_shared<TokenSet>(std::vector<Token>{}, DaemonBudget{{.credits_per_day = 9'500}, 8'000});
    const auto refused = post("/v1/jobs", imagen, {{"Idempotency-Key", "k"}});
    EXPECT_EQ(refused.status, 402);
    EXPECT_EQ(code_of(refused), "budget_exceeded");
    const auto problem = json_of(refused);
    EXPECT_EQ(problem.at("budget").as_string(), "daemon");
    EXPECT_EQ(problem.at("limit_name").as_string(), "credits_per_day");
    EXPECT_EQ(problem.at("limit").to_number<double>(), 9.5);
    EXPECT_EQ(problem.at("used").to_number<double>(), 4);
    EXPECT_EQ(problem.at("reserved").to_number<double>(), 4);
    EXPECT_EQ(problem.at("requested").to_number<double>(), 4);
    const std::string day(to_rfc3339(clock_.wall_now() + std::chrono::hours(24)).substr(0, 10));
    EXPECT_EQ(problem.at("reset_at").as_string(), day + "T00:00:00.000Z");
    EXPECT_EQ(engine_.wakes, 2) << "a refused job is none";
    clock_.advance(io_, std::chrono::hours(24));
    EXPECT_EQ(post("/v1/jobs", imagen, {{"Idempotency-Key", "k"}}).status, 202) << "a new day, and the key unused";
}

TEST_F(BudgetTest, of_a_token_is_its_own) {
    const std::string bearer = "Bearer secret";
    const Token poor{"poor", crypto::sha256_hex("secret"), {Scope::submit}, {.credits_per_day = 10'000}};
    tokens_ = std::make_shared<TokenSet>(std::vector<Token>{poor}, DaemonBudget{{}, 8'000});
    submit("", {{"Authorization", bearer}});
    const auto refused = post("/v1/jobs", imagen, {{"Authorization", bearer}});
    EXPECT_EQ(code_of(refused), "budget_exceeded");
    EXPECT_EQ(json_of(refused).at("budget").as_string(), "caller");
    const auto usage = get("/v1/usage?by=caller", {{"Authorization", bearer}});
    EXPECT_EQ(json_of(usage).at("usage").at(0).at("key").as_string(), "poor") << "of its own jobs it may know";
}

TEST_F(BudgetTest, answers_429_when_its_queue_is_full) {
    use_budget({.max_queued = 1});
    const auto first = submit();
    const auto full = post("/v1/jobs", imagen);
    EXPECT_EQ(full.status, 429);
    EXPECT_EQ(code_of(full), "queue_full");
    const auto problem = json_of(full);
    EXPECT_EQ(problem.at("limit_name").as_string(), "max_queued");
    EXPECT_EQ(problem.at("limit").to_number<double>(), 1);
    EXPECT_EQ(problem.at("used").to_number<double>(), 1);
    EXPECT_TRUE(problem.at("reset_at").is_null());
    make_submitting(first);
    EXPECT_EQ(post("/v1/jobs", imagen).status, 202);
}

TEST_F(BudgetTest, holds_for_retries_that_pay_anew) {
    use_budget({.credits_per_day = 10'000});
    const auto id = submit();
    make_submitting(id);
    make_failed(id, JobErrorCode::submit_unknown);
    const auto refused = post("/v1/jobs/" + id + "/retry", R"({"resubmit":true})");
    EXPECT_EQ(code_of(refused), "budget_exceeded");
    EXPECT_EQ(stored(id).status, JobStatus::failed);
    EXPECT_TRUE(engine_.changed.empty());
}

TEST_F(BudgetTest, shows_usage_by_model_by_default_for_the_current_day) {
    use_budget({});
    make_succeeded(submit(R"(,"labels":{"project":"spring"})"), "x", "text/plain", "x.txt");
    submit();
    const auto usage = json_of(get("/v1/usage"));
    const auto day = to_rfc3339(clock_.wall_now()).substr(0, 10);
    EXPECT_EQ(usage.at("by").as_string(), "model");
    EXPECT_EQ(usage.at("from").as_string(), day + "T00:00:00.000Z");
    EXPECT_EQ(usage.at("to").as_string(), to_rfc3339(clock_.wall_now()));
    ASSERT_EQ(usage.at("usage").as_array().size(), 1U);
    const auto& group = usage.at("usage").at(0);
    EXPECT_EQ(group.at("key").as_string(), "google/imagen4");
    EXPECT_EQ(group.at("jobs").as_int64(), 2);
    EXPECT_EQ(group.at("statuses").at("succeeded").as_int64(), 1);
    EXPECT_EQ(group.at("statuses").at("queued").as_int64(), 1);
    EXPECT_EQ(group.at("statuses").at("failed").as_int64(), 0);
    EXPECT_EQ(group.at("credits").to_number<double>(), 4);
    EXPECT_EQ(group.at("credits_estimated").to_number<double>(), 0);
    EXPECT_EQ(group.at("credits_reserved").to_number<double>(), 4);
    EXPECT_EQ(usage.at("total").at("jobs").as_int64(), 2);

    const auto labels = json_of(get("/v1/usage?by=label.project"));
    EXPECT_TRUE(labels.at("usage").at(0).at("key").is_null());
    EXPECT_EQ(labels.at("usage").at(1).at("key").as_string(), "spring");
    const auto none = json_of(get("/v1/usage?by=caller&from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z"));
    EXPECT_TRUE(none.at("usage").as_array().empty());
    EXPECT_EQ(none.at("total").at("jobs").as_int64(), 0);
}

TEST_F(BudgetTest, names_what_is_wrong_with_a_question_for_usage) {
    using Pointers = std::vector<std::string>;
    EXPECT_EQ(pointers_of(get("/v1/usage?by=colour")), Pointers{"?by"});
    EXPECT_EQ(pointers_of(get("/v1/usage?by=label.")), Pointers{"?by"});
    EXPECT_EQ(pointers_of(get("/v1/usage?from=yesterday")), Pointers{"?from"});
    EXPECT_EQ(pointers_of(get("/v1/usage?from=2999-01-01T00:00:00Z")), Pointers{"?from"});
    EXPECT_EQ(pointers_of(get("/v1/usage?to=2001-01-01T00:00:00Z")), Pointers{"?to"});
    EXPECT_EQ(pointers_of(get("/v1/usage?since=1")), Pointers{"?since"});
}

}  // namespace
}  // namespace genq::api::test
