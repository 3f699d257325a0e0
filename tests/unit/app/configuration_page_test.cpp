// server/docs/configuration.md says of every key what config/genqd.toml says, as a page. After a change:
// `GENQ_WRITE=1 ctest --preset dev -R unit_app`, and read the difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "server/app/config_keys.hpp"

namespace genq::app {
namespace {

// In one line of a table, with nothing that ends a cell or begins a tag.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += ' ';
        else if (c == '|')
            out += "\\|";
        else if (c == '<')
            out += "&lt;";
        else
            out += c;
    }
    return out;
}

std::string page() {
    std::string out =
        "# Configuration\n\nTOML in `/etc/genqd/genqd.toml`, or `--config FILE`. Every key has a default and may be "
        "left "
        "out; a variable\n`GENQD_<SECTION>__<KEY>` wins over the file (`GENQD_POLL__IMAGE__FIRST_S=2`; lists separated "
        "by commas). An unknown key or a value\nthat is not allowed is refused with file, line and key. This page is "
        "made from the program's own table.\n\n```sh\ngenqd config show --defaults >genqd.toml    # a file to start "
        "from, with all of this in it\ngenqd config check --config genqd.toml      # what is wrong with it\n"
        "genqd config show --config genqd.toml       # what holds\n```\n\n"
        "Secrets are better put into variables, systemd credentials or files of their own than into this file. "
        "kie.ai's "
        "API key comes from\n`KIE_API_KEY`, `KIE_API_KEY_FILE`, `upstream.api_key_file` or the credential "
        "`kie_api_key`.\n";
    std::string_view section;
    for (const Key& key : config_keys()) {
        if (key.section != section) {
            section = key.section;
            out += "\n## [" + std::string(section) + "]\n\n";
            if (!section_about(section).empty()) out += std::string(section_about(section)) + "\n\n";
            out += "| key | default | takes | |\n| --- | --- | --- | --- |\n";
        }
        Config defaults;
        out += "| `" + std::string(key.name) + "` | `" + cell(to_toml(key, defaults)) + "` | " +
               cell(allowed_values(key)) + " | " + cell(key.about) + " |\n";
    }
    return out;
}

TEST(ConfigurationPage, has_every_key) {
    const std::string path = GENQ_SOURCE_DIR "/server/docs/configuration.md";
    const auto wanted = page();
    if (std::getenv("GENQ_WRITE") != nullptr) std::ofstream(path) << wanted;
    std::ostringstream written;
    written << std::ifstream(path).rdbuf();
    EXPECT_EQ(written.str(), wanted) << "write it anew: GENQ_WRITE=1 ctest --preset dev -R unit_app";
}

}  // namespace
}  // namespace genq::app
