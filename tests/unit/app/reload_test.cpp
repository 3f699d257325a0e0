#include "server/app/reload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/app/config_keys.hpp"

namespace genq::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Settings with_tokens(std::vector<std::string> names) {
    Settings settings{};
    for (auto& name : names) settings.tokens.push_back({.name = std::move(name), .sha256 = "", .scopes = {}});
    return settings;
}

TEST(Reload, never_goes_from_tokens_to_none) {
    EXPECT_TRUE(check_reload(with_tokens({"a", "b"}), with_tokens({"c"})));
    EXPECT_TRUE(check_reload(with_tokens({}), with_tokens({"c"})));
    EXPECT_TRUE(check_reload(with_tokens({}), with_tokens({})));
    const auto refused = check_reload(with_tokens({"a"}), with_tokens({}));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().detail, HasSubstr("restart to serve without"));
}

TEST(Reload, tells_what_waits_for_a_restart) {
    const Config started;
    Config wanted;
    EXPECT_THAT(keys_for_a_restart(started, wanted), IsEmpty());
    wanted.limits.requests = 5;
    wanted.webhooks.allow_cidrs = {"10.0.0.0/8"};
    wanted.shutdown.grace_s = 60;
    wanted.models.dir = "models";
    EXPECT_THAT(keys_for_a_restart(started, wanted), IsEmpty()) << "these are taken over";
    wanted.http.listen = {"127.0.0.1:9"};
    wanted.http.max_body_bytes = 5000;
    wanted.front.hmac_key = "hush";
    wanted.models.validation = "off";
    EXPECT_THAT(keys_for_a_restart(started, wanted),
                ElementsAre("http.listen", "http.max_body_bytes", "front.hmac_key", "models.validation"));
}

TEST(Reload, tells_secrets_apart) {
    const Key& key = *find_key("front.hmac_key");
    Config a;
    Config b;
    a.front.hmac_key = "one";
    b.front.hmac_key = "two";
    EXPECT_FALSE(same_value(key, a, b));
    EXPECT_TRUE(same_value(key, a, a));
}

}  // namespace
}  // namespace genq::app
