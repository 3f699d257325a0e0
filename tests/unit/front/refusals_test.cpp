#include "common/crypto/sha256.hpp"
#include "tests/unit/front/front_fixture.hpp"

namespace genq::front::test {
namespace {

TEST_F(FrontTest, never_answers_in_problem_json_whatever_is_sent) {
    const std::vector<std::string> bodies{"",
                                          "{",
                                          "[]",
                                          "null",
                                          "\"x\"",
                                          R"({"model":5,"taskId":[],"input":1})",
                                          "\xff",
                                          R"({"callBackUrl":7})",
                                          R"({"taskId":{"a":1},"audioId":null})"};
    const std::vector<std::string> queries{"", "?taskId=", "?taskId=%00", "?taskId=%zz", "?taskId=x&index=-1"};
    for (const auto& route : mount_.routes) {
        for (const std::string method : {"GET", "POST", "HEAD", "DELETE", "PATCH", "OPTIONS"}) {
            for (const auto& query : queries) {
                for (const auto& body : bodies) {
                    if (method != "POST" && !body.empty()) continue;
                    // ask() looks at status, media type and members.
                    static_cast<void>(ask(method, std::string(route.pattern) + query, body));
                }
            }
        }
    }
}

TEST_F(FrontTest, refuses_paths_methods_and_bearers_in_its_envelope) {
    EXPECT_EQ(ask("GET", "/api").at("code").as_int64(), 404);
    EXPECT_EQ(ask("GET", "/api/").at("code").as_int64(), 404);
    EXPECT_EQ(ask("GET", "/api/v1/nothing").at("code").as_int64(), 404);
    EXPECT_EQ(ask("GET", "http://127.0.0.1/api/v1/nothing").at("code").as_int64(), 404);
    EXPECT_EQ(ask("DELETE", "/api/v1/jobs/createTask").at("code").as_int64(), 405);
    EXPECT_EQ(ask("POST", "/api/v1/jobs/createTask", "{").at("code").as_int64(), 400);
    EXPECT_EQ(ask("POST", "/api/v1/lyrics", "{}", {{"Origin", "https://evil.example"}}).at("code").as_int64(), 401);
    EXPECT_EQ(ask("GET", "/api/v1/chat/credit", "", {{"Host", "evil.example"}}).at("code").as_int64(), 421);
    EXPECT_EQ(code_of(get("/apis")), "not_found") << "that is not below /api";

    use_tokens({{.name = "r", .sha256 = crypto::sha256_hex("read"), .scopes = {Scope::read}},
                {.name = "s", .sha256 = crypto::sha256_hex("submit"), .scopes = {Scope::submit}},
                {.name = "b", .sha256 = crypto::sha256_hex("both"), .scopes = {Scope::submit, Scope::read}}});
    for (const std::string bearer : {"", "Bearer no", "Bearer read", "Bearer submit"}) {
        EXPECT_EQ(ask("GET", "/api/v1/chat/credit", "", {{"Authorization", bearer}}).at("code").as_int64(), 401);
    }
    EXPECT_EQ(ask("GET", "/api/v1/chat/credit", "", {{"Authorization", "Bearer both"}}).at("code").as_int64(), 200);
}

TEST_F(FrontTest, says_what_the_session_refuses_in_its_envelope_too) {
    for (const int status : {400, 408, 411, 413, 417, 431, 500, 501, 503}) {
        const auto response = api_->refuse(status, "no", "/api/v1/jobs/createTask");
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
        EXPECT_NE(json_of(response).at("code").as_int64(), 429);
        EXPECT_EQ(api_->refuse(status, "no", "/v1/jobs").status, status);
    }
}

TEST_F(FrontTest, refuses_changes_while_the_daemon_stops) {
    api_->set_draining();
    EXPECT_EQ(ask("POST", "/api/v1/lyrics", "{}").at("code").as_int64(), 455);
}

TEST_F(FrontTest, tells_the_cached_balance) {
    const auto answer = ask("GET", "/api/v1/chat/credit");
    expect_shape(sample("credits"), answer);
    EXPECT_EQ(answer.at("data").as_double(), 812.5);
    engine_.balance = fail(errc::unreachable, "no");
    EXPECT_EQ(ask("GET", "/api/v1/chat/credit").at("code").as_int64(), 455);
}

}  // namespace
}  // namespace genq::front::test
