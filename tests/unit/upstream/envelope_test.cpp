#include <gtest/gtest.h>

#include "server/upstream/outcome.hpp"

namespace genq::upstream {
namespace {

std::optional<Envelope> read(std::string body, int status = 200) {
    return read_envelope(http::ClientResponse{status, {}, std::move(body)});
}

TEST(Envelope, reads_numbers_as_text_and_message_for_msg) {
    const auto envelope = read(R"({"code":"200","message":"fine","data":"https://x/1"})");
    ASSERT_TRUE(envelope);
    EXPECT_TRUE(envelope->ok());
    EXPECT_EQ(envelope->message, "fine");
    EXPECT_EQ(envelope->data, "https://x/1");
}

TEST(Envelope, lets_the_bodys_code_decide) {
    EXPECT_EQ(read(R"({"code":401})", 200)->deciding_code(), 401);
    EXPECT_EQ(read(R"({"code":402})", 500)->deciding_code(), 402);
    EXPECT_FALSE(read(R"({"code":401})", 200)->ok());
}

TEST(Envelope, lets_the_status_decide_when_the_body_calls_an_error_fine) {
    const auto envelope = read(R"({"code":200,"msg":"success"})", 503);
    EXPECT_EQ(envelope->deciding_code(), 503);
    EXPECT_FALSE(envelope->ok());
}

TEST(Envelope, takes_the_last_of_duplicate_keys) {
    EXPECT_EQ(read(R"({"code":500,"code":200})")->deciding_code(), 200);
}

TEST(Envelope, is_no_other_json) {
    for (const char* body : {"", "null", "[]", "200", R"("code")", "{}", R"({"status":500,"error":"Bad Gateway"})",
                             R"({"code":null})", R"({"code":"ok"})", R"({"code":{}})", R"({"code":1e400})",
                             R"({"code":99999999999})", R"({"code":200.5})", R"({"code":NaN})", R"({"code":200)"}) {
        EXPECT_FALSE(read(body)) << body;
    }
}

TEST(Envelope, survives_a_bomb_of_depth) {
    EXPECT_FALSE(read(std::string(1'000'000, '[')));
    EXPECT_FALSE(read(R"({"code":200,"data":)" + std::string(1000, '[') + std::string(1000, ']') + "}"));
}

TEST(Envelope, survives_broken_text) {
    EXPECT_FALSE(read("{\"code\":200,\"msg\":\"\xff\xfe\"}"));
    EXPECT_FALSE(read(std::string("{\"code\":200\0}", 13)));
}

}  // namespace
}  // namespace genq::upstream
