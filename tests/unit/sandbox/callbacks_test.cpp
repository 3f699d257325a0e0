#include "server/sandbox/callbacks.hpp"

#include <gtest/gtest.h>

#include "common/core/rfc3339.hpp"
#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"
#include "tests/unit/sandbox/rig.hpp"

namespace genq::sandbox::test {
namespace {

std::string suno(const std::string& prompt, const std::string& url) {
    return R"({"prompt":")" + prompt + R"(","customMode":false,"instrumental":true,"model":"V5","callBackUrl":")" +
           url + "\"}";
}

TEST(Callbacks, do_not_go_to_placeholders) {
    for (const auto* none : {"", "ftp://a/", "https://example.com/cb", "http://api.example.org", "https://x.invalid/",
                             "https://a.test/cb", "https://hooks.example/"}) {
        EXPECT_EQ(callback_target(none), "") << none;
    }
    for (const auto* real : {"http://127.0.0.1:80/cb", "https://hooks.site.io/a?b=c", "http://notexample.com/"}) {
        EXPECT_EQ(callback_target(real), real);
    }
}

TEST(Callbacks, suno_calls_three_times_and_a_failed_task_once) {
    Rig rig;
    const auto start = rig.now().steady;
    const auto good = rig.create("/api/v1/generate", suno("a", "http://hooks.local/"));
    const auto steps = rig.service().steps(good);
    ASSERT_EQ(steps.size(), 3U);
    EXPECT_EQ(steps[0].point, CallbackPoint::text);
    EXPECT_EQ(steps[1].point, CallbackPoint::first);
    EXPECT_EQ(steps[2].when, start + 10s);
    EXPECT_EQ(rig.service().steps(rig.create("/api/v1/generate", suno("[fail]", "http://hooks.local/"))).size(), 1U);
    EXPECT_TRUE(rig.service().steps(rig.create("/api/v1/generate", suno("[stuck]", "http://hooks.local/"))).empty());
    EXPECT_TRUE(rig.service().steps(rig.create("/api/v1/generate", suno("a", "https://example.com/"))).empty());
    EXPECT_TRUE(rig.service().steps("nobody").empty());
    const auto text = rig.service().callback(good, CallbackPoint::text, rig.now());
    EXPECT_EQ(read(text.body).at("data").at("callbackType"), "text");
    const auto first = rig.service().callback(good, CallbackPoint::first, rig.now());
    EXPECT_EQ(read(first.body).at("data").at("data").as_array().size(), 1U);
}

TEST(Callbacks, are_signed_over_task_and_time_when_there_is_a_key) {
    auto options = Rig::quick();
    options.hmac_key = "key";
    Rig rig(options);
    const auto id = rig.create("/api/v1/veo/generate", R"({"prompt":"a","callBackUrl":"http://hooks.local/"})");
    rig.pass(10s);
    const auto call = rig.service().callback(id, CallbackPoint::end, rig.now());
    const auto seconds = std::to_string(to_ms(rig.now().wall) / 1000);
    EXPECT_EQ(call.headers.get("X-Webhook-Timestamp"), seconds);
    EXPECT_EQ(call.headers.get("X-Webhook-Signature"),
              crypto::to_base64(crypto::hmac_sha256("key", id + "." + seconds)));
    Rig plain;
    const auto other = plain.create("/api/v1/veo/generate", R"({"prompt":"a","callBackUrl":"http://hooks.local/"})");
    EXPECT_FALSE(plain.service().callback(other, CallbackPoint::end, plain.now()).headers.has("X-Webhook-Signature"));
}

TEST(Callbacks, that_could_not_be_delivered_show_in_the_record) {
    Rig rig;
    const auto song = rig.create("/api/v1/generate", suno("a", "http://hooks.local/"));
    const auto clip = rig.create("/api/v1/modify/generate",
                                 R"({"prompt":"a","videoUrl":"http://v.local/a","callBackUrl":"http://hooks.local/"})");
    rig.pass(10s);
    rig.service().callback_failed(song);
    rig.service().callback_failed(clip);
    EXPECT_EQ(rig.get("/api/v1/generate/record-info?taskId=" + song).at("data").at("status"), "CALLBACK_EXCEPTION");
    EXPECT_EQ(rig.get("/api/v1/modify/record-info?taskId=" + clip).at("data").at("successFlag"), 4);
}

}  // namespace
}  // namespace genq::sandbox::test
