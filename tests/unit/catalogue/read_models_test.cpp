#include "server/catalogue/read_models.hpp"

#include <gtest/gtest.h>

namespace genq::catalogue {
namespace {

std::string fault_of(const std::string& content) {
    const auto models = read_models("x.json", content);
    return models ? "" : models.error().detail;
}

/// An entry in which `part` is put in the place of `whole`.
std::string entry(const std::string& whole = "", const std::string& part = "") {
    std::string text =
        R"({"id":"m","name":"M","family":"market","kind":"image","good_for":"g","typical_s":[1,2],"note":"n"})";
    if (!whole.empty()) text.replace(text.find(whole), whole.size(), part);
    return R"({"models":[)" + text + "]}";
}

TEST(ReadModels, reads_a_whole_entry) {
    const auto models = read_models("x.json", R"({"models":[{"id":"a/b","wire_id":"w","aliases":["z"],"name":"N",
        "family":"suno","kind":"music","profile":"video","recommended":true,"good_for":"g","typical_s":[30,60],
        "longest_wait_s":90,"note":"n","credits":2.5}]})");
    ASSERT_TRUE(models);
    const auto& model = models->at(0);
    EXPECT_EQ(model.credits, 2.5);
    EXPECT_EQ(model.id, "a/b");
    EXPECT_EQ(model.wire_id, "w");
    EXPECT_EQ(model.aliases, std::vector<std::string>{"z"});
    EXPECT_EQ(model.family, Family::suno);
    EXPECT_EQ(model.profile, PollProfile::video);
    EXPECT_TRUE(model.recommended);
    EXPECT_EQ(model.typical_s_from, 30);
    EXPECT_EQ(model.typical_s_to, 60);
    EXPECT_EQ(model.longest_wait, std::chrono::seconds(90));
    EXPECT_EQ(model.note, "n");
}

TEST(ReadModels, reads_uses_schema_and_example) {
    const auto models = read_models("x.json", entry(R"("note":"n")", R"("uses":[{"use":"image","title":"T"},
        {"use":"anime","title":"A","advice":"Do","input":{"version":"niji7"}}],
        "input":{"type":"object","required":["p"]},"example":{"p":1})"));
    ASSERT_TRUE(models) << models.error().detail;
    const auto& model = models->at(0);
    EXPECT_FALSE(model.recommended) << "what the guide does not choose first";
    ASSERT_EQ(model.uses.size(), 2U);
    EXPECT_EQ(model.uses[1].slug, "anime");
    EXPECT_EQ(model.uses[1].title, "A");
    EXPECT_EQ(model.uses[1].advice, "Do");
    EXPECT_EQ(model.uses[1].input.at("version"), "niji7");
    EXPECT_EQ(model.input->check({}).errors.size(), 1U);
    EXPECT_EQ(model.example->at("p"), 1);
}

TEST(ReadModels, takes_the_id_for_the_wire_and_the_profile_from_the_kind) {
    const auto models = read_models("x.json", entry());
    ASSERT_TRUE(models);
    EXPECT_EQ(models->at(0).wire_id, "m");
    EXPECT_EQ(models->at(0).profile, PollProfile::image);
}

TEST(ReadModels, refuses_broken_files_by_name) {
    for (const char* content : {"", "[]", "{", "{}", R"({"models":{}})", R"({"models":[1]})", R"({"models":[{}]})"}) {
        EXPECT_TRUE(fault_of(content).starts_with("x.json: ")) << content;
    }
}

TEST(ReadModels, names_the_entry_and_the_member_at_fault) {
    const std::pair<std::string, const char*> rows[] = {
        {entry(R"("id":"m")", R"("id":"")"), "`id`"},
        {entry(R"("id":"m")", R"("id":7)"), "`id`"},
        {entry(R"("name":"M",)", ""), "`name`"},
        {entry("market", "bazaar"), "`family`"},
        {entry(R"("kind":"image")", R"("kind":"hologram")"), "`hologram` needs a `profile`"},
        {entry(R"("note":"n")", R"("profile":"slow")"), "`profile`"},
        {entry(R"("note":"n")", R"("recommended":1)"), "`recommended`"},
        {entry(R"("note":"n")", R"("uses":{})"), "`uses` must be a list"},
        {entry(R"("note":"n")", R"("uses":[{"use":"a"}])"), "`uses`, 1: `use` and `title` must be texts"},
        {entry(R"("note":"n")", R"("uses":[{"use":"a","title":"t","x":1}])"), "`uses`, 1: `x`"},
        {entry(R"("note":"n")", R"("example":1)"), "`example`"},
        {entry(R"("note":"n")", R"("input":1)"), "`input` must be a JSON Schema"},
        {entry(R"("note":"n")", R"("input":{"type":"object","properties":{"a":{"type":1}}})"),
         "entry 1 (`m`): `input`: /properties/a/type"},
        {entry(R"("note":"n")", R"("aliases":"z")"), "`aliases`"},
        {entry(R"("note":"n")", R"("aliases":[1])"), "`aliases`"},
        {entry(R"("note":"n")", R"("credits":-1)"), "`credits`"},
        {entry(R"("note":"n")", R"("credits":"4")"), "`credits`"},
        {entry(R"("note":"n")", R"("longest_wait_s":-1)"), "`longest_wait_s`"},
        {entry(R"("note":"n")", R"("longest_wait_s":1e30)"), "`longest_wait_s`"},
        {entry("[1,2]", "[2,1]"), "`typical_s`"},
        {entry("[1,2]", "[1]"), "`typical_s`"},
        {entry("[1,2]", "\"1-2\""), "`typical_s`"},
        {entry(R"("note":"n")", R"("price":3)"), "`price`"},
    };
    for (const auto& [content, part] : rows) {
        const auto fault = fault_of(content);
        EXPECT_NE(fault.find("entry 1"), std::string::npos) << content << fault;
        EXPECT_NE(fault.find(part), std::string::npos) << content << fault;
    }
}

}  // namespace
}  // namespace genq::catalogue
