#include "server/cli/model_input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <fstream>

#include "tests/support/temp_folder.hpp"
#include "tests/unit/cli/scripted_transport.hpp"

namespace genq::cli {
namespace {

using ::testing::HasSubstr;

class ModelInputTest : public ::testing::Test {
  protected:
    void SetUp() override { std::ofstream(folder_ / "a.png") << "it"; }
    std::string made(const std::vector<std::string>& words, const std::string& use = "") {
        const auto input = make_input(client_, use.empty() ? "m/n" : "", use, *parse_input(words));
        return input ? serialize(*input) : "fault";
    }
    [[nodiscard]] std::string file(const std::string& key) const { return key + "=@" + std::string(folder_ / "a.png"); }

    test::TempFolder folder_;
    boost::asio::io_context io_{1};
    SystemClock clock_;
    test::ScriptedTransport transport_;
    Client client_{io_, clock_, transport_, "http://d", ""};
};

TEST_F(ModelInputTest, asks_for_the_model_only_where_it_matters) {
    EXPECT_EQ(made({"prompt=a fox", "seed:=7"}), R"({"seed":7,"prompt":"a fox"})");
    EXPECT_TRUE(transport_.requests().empty());
    transport_.answer(200, R"({"input":{"properties":{"duration":{"type":"string"}}}})");
    EXPECT_EQ(made({"duration=5", "other=5"}), R"({"duration":"5","other":5})");
    EXPECT_THAT(transport_.requests().at(0).url, HasSubstr("/v1/models/m%2Fn"));
}

TEST_F(ModelInputTest, makes_a_list_of_files_where_the_model_takes_one) {
    transport_.answer(200, R"({"input":{"properties":{"urls":{"type":"array"}}}})");
    transport_.answer(201, R"({"ref":"genqd:blob/1"})");
    EXPECT_EQ(made({file("urls")}), R"({"urls":["genqd:blob/1"]})");
}

TEST_F(ModelInputTest, goes_without_the_model_where_the_token_may_not_see_it) {
    transport_.answer(403, "{}");
    transport_.answer(201, R"({"ref":"genqd:blob/1"})");
    transport_.answer(201, R"({"ref":"genqd:blob/2"})");
    EXPECT_EQ(made({file("urls"), file("urls")}, "anime"), R"({"urls":["genqd:blob/1","genqd:blob/2"]})");
    transport_.answer(403, "{}");
    transport_.answer(201, R"({"ref":"genqd:blob/1"})");
    EXPECT_EQ(made({file("url")}), R"({"url":"genqd:blob/1"})");
}

}  // namespace
}  // namespace genq::cli
