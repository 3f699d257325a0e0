#include <fmt/format.h>

#include "common/crypto/sha256.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

struct BulkTest : ApiTest {
    http::Response bulk(std::string_view action, std::string_view rest, http::Fields headers = {}) {
        return post("/v1/jobs/bulk", fmt::format(R"({{"action":"{}",{}}})", action, rest), std::move(headers));
    }
    static std::vector<std::string> ids(const http::Response& response) {
        std::vector<std::string> all;
        for (const auto& id : json_of(response).at("ids").as_array()) all.emplace_back(id.as_string());
        return all;
    }
    static std::pair<std::int64_t, std::int64_t> counts(const http::Response& response) {
        return {json_of(response).at("done").as_int64(), json_of(response).at("skipped").as_int64()};
    }
    using Counts = std::pair<std::int64_t, std::int64_t>;
    const std::string label_ = R"(,"labels":{"k":"v"})";
};

TEST_F(BulkTest, cancels_what_the_filter_names_and_skips_what_has_ended) {
    const auto first = submit(label_);
    const auto second = submit(label_);
    const auto ended = submit(label_);
    make_failed(ended, JobErrorCode::rejected);
    const auto other = submit();
    const auto tried = bulk("cancel", R"("filter":{"label.k":"v"},"dry_run":true)");
    ASSERT_EQ(tried.status, 200) << text_of(tried);
    EXPECT_EQ(ids(tried), (std::vector<std::string>{second, first}));
    EXPECT_EQ(counts(tried), (Counts{2, 1}));
    EXPECT_EQ(stored(first).status, JobStatus::queued) << "a dry run changes nothing";
    const auto done = bulk("cancel", R"("filter":{"label.k":"v"})");
    EXPECT_EQ(ids(done), (std::vector<std::string>{second, first}));
    EXPECT_EQ(counts(done), (Counts{2, 1}));
    EXPECT_FALSE(json_of(done).at("more").as_bool());
    EXPECT_EQ(stored(first).status, JobStatus::canceled);
    EXPECT_EQ(stored(other).status, JobStatus::queued);
    EXPECT_EQ(engine_.changed, (std::vector<std::string>{second, first}));
    EXPECT_EQ(counts(bulk("cancel", R"("filter":{"status":["queued","failed"]})")), (Counts{1, 1}));
}

TEST_F(BulkTest, takes_up_again_what_a_retry_would) {
    const auto refused = submit();
    make_failed(refused, JobErrorCode::rejected);
    const auto unknown = submit();
    make_failed(unknown, JobErrorCode::submit_unknown);
    const auto done = bulk("retry", R"("filter":{"status":"failed"})");
    EXPECT_EQ(ids(done), std::vector<std::string>{refused}) << text_of(done);
    EXPECT_EQ(counts(done), (Counts{1, 1})) << "one would pay anew";
    EXPECT_EQ(stored(refused).status, JobStatus::queued);
    EXPECT_EQ(stored(unknown).status, JobStatus::failed);
}

TEST_F(BulkTest, deletes_what_has_ended) {
    const auto ended = submit();
    make_failed(ended, JobErrorCode::rejected);
    const auto running = submit();
    EXPECT_EQ(counts(bulk("delete", R"("all":true)")), (Counts{1, 1}));
    EXPECT_EQ(get("/v1/jobs/" + ended).status, 404);
    EXPECT_EQ(get("/v1/jobs/" + running).status, 200);
}

TEST_F(BulkTest, refuses_an_empty_filter_and_names_each_fault) {
    EXPECT_EQ(pointers_of(bulk("cancel", R"("filter":{})")), std::vector<std::string>{"/filter"});
    EXPECT_EQ(pointers_of(bulk("cancel", R"("dry_run":true)")), std::vector<std::string>{"/filter"});
    EXPECT_EQ(pointers_of(bulk("stop", R"("all":true,"why":1)")), (std::vector<std::string>{"/why", "/action"}));
    EXPECT_EQ(pointers_of(bulk("cancel", R"("filter":{"limit":"3","status":"open","model":3})")),
              (std::vector<std::string>{"/filter/model", "/filter/limit", "/filter/status"}));
    EXPECT_EQ(post("/v1/jobs/bulk", R"({"all":true})").status, 422) << "no action";
}

TEST_F(BulkTest, lets_callers_change_their_own_jobs_and_admins_all) {
    const auto token = [](const std::string& name, Scopes scopes) {
        return Token{.name = name, .sha256 = crypto::sha256_hex(name), .scopes = scopes};
    };
    use_tokens(
        {token("ann", {Scope::submit, Scope::read}), token("bob", {Scope::submit}), token("boss", {Scope::admin})});
    const auto as = [](const std::string& name) { return http::Fields{{"Authorization", "Bearer " + name}}; };
    const auto own = submit("", as("ann"));
    const auto other = submit("", as("bob"));
    EXPECT_EQ(bulk("delete", R"("all":true)", as("ann")).status, 403);
    EXPECT_EQ(bulk("cancel", R"("filter":{"caller":"bob"})", as("ann")).status, 403);
    EXPECT_EQ(ids(bulk("cancel", R"("all":true)", as("ann"))), std::vector<std::string>{own});
    EXPECT_EQ(stored(other).status, JobStatus::queued);
    EXPECT_EQ(ids(bulk("cancel", R"("all":true)", as("boss"))), std::vector<std::string>{other});
    EXPECT_EQ(counts(bulk("delete", R"("filter":{"caller":"bob"})", as("boss"))), (Counts{1, 0}));
}

}  // namespace
}  // namespace genq::api::test
