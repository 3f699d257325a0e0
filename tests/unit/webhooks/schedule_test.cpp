#include "server/webhooks/schedule.hpp"

#include <gtest/gtest.h>

#include "server/webhooks/secrets.hpp"

namespace genq::webhooks {
namespace {

using namespace std::chrono_literals;

TEST(Schedule, is_two_days_long_and_up_to_a_fifth_longer) {
    SeededRandom random(3);
    std::chrono::milliseconds least = 0ms;
    std::chrono::milliseconds taken = 0ms;
    int tries = 1;
    for (; const auto pause = pause_after(tries); ++tries) {
        const auto with_jitter = jittered(*pause, random);
        EXPECT_GE(with_jitter, *pause);
        EXPECT_LE(with_jitter, *pause + *pause / 5 + 1s);
        least += *pause;
        taken += with_jitter;
    }
    EXPECT_EQ(least, 48h);
    EXPECT_GT(taken, 48h);
    EXPECT_EQ(tries, 9);
}

TEST(Schedule, says_what_follows_from_an_answer) {
    const std::vector<std::tuple<std::optional<int>, int, store::AfterTry>> rows{
        {200, 1, store::AfterTry::delivered},      {204, 9, store::AfterTry::delivered},
        {410, 1, store::AfterTry::gone},           {301, 1, store::AfterTry::again},
        {404, 8, store::AfterTry::again},          {503, 9, store::AfterTry::give_up},
        {std::nullopt, 1, store::AfterTry::again},
    };
    for (const auto& [status, tries, wanted] : rows) {
        EXPECT_EQ(after({.at = {}, .status = status}, tries), wanted) << status.value_or(0) << " " << tries;
    }
}

// The example of the specification's reference libraries.
TEST(Secrets, sign_as_standard_webhooks_has_it) {
    const auto secrets = read_secrets({"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}).value();
    EXPECT_EQ(sign(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    const auto both = read_secrets({"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + std::string(32, 'A')}).value();
    const auto signatures = sign(both, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})");
    EXPECT_TRUE(signatures.starts_with("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,"));
}

TEST(Secrets, that_are_too_short_too_long_or_none_are_named_and_not_shown) {
    for (const std::string bad :
         {"", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKY*"}) {
        const auto read = read_secrets({"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", bad});
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().detail, "secret 2 of 2 has to be whsec_ and the base64 of 24 to 64 bytes");
    }
    EXPECT_FALSE(read_secrets({"whsec_" + std::string(88, 'A')})) << "66 bytes";
}

}  // namespace
}  // namespace genq::webhooks
