#include <gmock/gmock.h>

#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

class Callbacks : public ApiTest {
  protected:
    std::string path_ = "/v1/callbacks/01JD0000000000000000000000/00112233445566778899aabbccddeeff";
    http::Fields signed_{{"X-Webhook-Timestamp", "1795000000"}, {"X-Webhook-Signature", "c2ln"}};
};

TEST_F(Callbacks, are_handed_on_as_they_came_without_a_bearer) {
    use_tokens({{.name = "reader", .sha256 = std::string(64, '0'), .scopes = {Scope::read}}});
    const auto response = post(path_, R"({"code":200})", signed_);
    EXPECT_EQ(response.status, 200);
    ASSERT_EQ(engine_.calls.size(), 1U);
    EXPECT_EQ(engine_.calls[0].job.text(), "01JD0000000000000000000000");
    EXPECT_EQ(engine_.calls[0].token, "00112233445566778899aabbccddeeff");
    EXPECT_EQ(engine_.calls[0].timestamp, "1795000000");
    EXPECT_EQ(engine_.calls[0].signature, "c2ln");
    EXPECT_EQ(engine_.calls[0].body, R"({"code":200})");
    EXPECT_EQ(send("POST", path_, {}, "<not even JSON>").status, 200);
}

TEST_F(Callbacks, that_nobody_asked_for_are_not_found_whatever_is_wrong_with_them) {
    engine_.verdict = engine::CallbackVerdict::unknown;
    const auto unknown = post(path_, "{}");
    const auto no_id = post("/v1/callbacks/x/y", "{}");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(code_of(unknown), "not_found");
    EXPECT_EQ(json_of(unknown).at("detail"), json_of(no_id).at("detail"));
    EXPECT_EQ(engine_.calls.size(), 1U);
}

TEST_F(Callbacks, are_taken_by_any_host_name_and_while_the_daemon_drains) {
    http::Fields fields = signed_;
    fields.set("Host", "hooks.example");
    EXPECT_EQ(post(path_, "{}", fields).status, 200);
    api_->set_draining();
    EXPECT_EQ(post(path_, "{}", signed_).status, 200);
    EXPECT_EQ(engine_.calls.size(), 2U);
}

TEST_F(Callbacks, with_a_bad_signature_are_refused_and_failures_are_told_apart) {
    engine_.verdict = engine::CallbackVerdict::forged;
    EXPECT_EQ(post(path_, "{}", signed_).status, 401);
    engine_.verdict = fail(errc::busy, "full");
    EXPECT_EQ(post(path_, "{}", signed_).status, 503);
    EXPECT_EQ(get(path_).status, 405);
}

}  // namespace
}  // namespace genq::api::test
