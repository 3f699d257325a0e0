#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "server/app/config.hpp"
#include "server/app/config_keys.hpp"

namespace genq::app {
namespace {

std::string shipped_file() {
    std::ifstream file(GENQ_SOURCE_DIR "/config/genqd.toml");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(ShippedConfig, lists_every_key_with_its_default_and_an_explanation) {
    EXPECT_EQ(shipped_file(), render_config({}, true))
        << "make it anew: genqd config show --defaults > config/genqd.toml";
}

TEST(ShippedConfig, sets_every_key_to_its_default) {
    const auto loaded = parse_config(shipped_file(), "genqd.toml", {});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    const Config defaults;
    for (const Key& key : config_keys()) {
        EXPECT_TRUE(loaded->origins.contains(key.path())) << key.path();
        EXPECT_EQ(to_toml(key, loaded->config), to_toml(key, defaults)) << key.path();
        EXPECT_FALSE(key.about.empty()) << key.path();
    }
}

}  // namespace
}  // namespace genq::app
