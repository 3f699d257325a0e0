#include "server/catalogue/catalogue.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace genq::catalogue {
namespace {

using std::chrono::seconds;

std::shared_ptr<const Catalogue> shipped() {
    return Catalogue::load("").value();
}

/// A folder of an operator's, gone with the test.
class Folder {
  public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "genq-models-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~Folder() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const std::string& name, const std::string& content) const { std::ofstream(path_ / name) << content; }
    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

std::string file_with(const std::string& id, const std::string& more = "") {
    return R"({"models":[{"id":")" + id + R"(","name":"Mine","family":"market","kind":"image","good_for":"trying",)" +
           more + R"("typical_s":[1,2]}]})";
}

struct FamilyId {
    const char* id;
    Family family;
    const char* wire_id;
};

constexpr FamilyId family_ids[] = {
    {"gpt4o-image", Family::gpt4o, "gpt4o-image"},
    {"flux-kontext-pro", Family::flux, "flux-kontext-pro"},
    {"flux-kontext-max", Family::flux, "flux-kontext-max"},
    {"veo3", Family::veo, "veo3"},
    {"veo3_fast", Family::veo, "veo3_fast"},
    {"veo/extend", Family::veo, "veo/extend"},
    {"veo/1080p", Family::veo, "veo/1080p"},
    {"veo/4k", Family::veo, "veo/4k"},
    {"runway/generate", Family::runway, "runway/generate"},
    {"runway/extend", Family::runway, "runway/extend"},
    {"runway/aleph", Family::aleph, "runway/aleph"},
    {"suno/V5", Family::suno, "V5"},
    {"suno/V5_5", Family::suno, "V5_5"},
    {"suno/V4_5PLUS", Family::suno, "V4_5PLUS"},
    {"suno/V4_5ALL", Family::suno, "V4_5ALL"},
    {"suno/V4_5", Family::suno, "V4_5"},
    {"suno/V4", Family::suno, "V4"},
    {"suno/V3_5", Family::suno, "V3_5"},
    {"suno/extend", Family::suno, "suno/extend"},
    {"suno/lyrics", Family::suno, "suno/lyrics"},
    {"mj_txt2img", Family::midjourney, "mj_txt2img"},
    {"mj_img2img", Family::midjourney, "mj_img2img"},
    {"mj_video", Family::midjourney, "mj_video"},
    {"mj_style_reference", Family::midjourney, "mj_style_reference"},
    {"mj_omni_reference", Family::midjourney, "mj_omni_reference"},
    {"luma/modify", Family::luma, "luma/modify"},
};

TEST(Catalogue, knows_every_id_outside_market) {
    const auto catalogue = shipped();
    std::size_t outside_market = 0;
    for (const auto& model : catalogue->models()) outside_market += model.family == Family::market ? 0 : 1;
    EXPECT_EQ(outside_market, std::size(family_ids));
    for (const auto& [id, family, wire_id] : family_ids) {
        const auto* model = catalogue->find(id);
        ASSERT_NE(model, nullptr) << id;
        EXPECT_EQ(model->family, family) << id;
        EXPECT_EQ(model->wire_id, wire_id) << id;
    }
}

TEST(Catalogue, lets_ids_that_kie_has_mean_themselves) {
    const auto catalogue = shipped();
    for (const char* id : {"google/nano-banana", "ideogram/character"}) EXPECT_EQ(catalogue->find(id)->id, id);
}

TEST(Catalogue, follows_aliases) {
    const auto catalogue = shipped();
    const auto* kling = catalogue->find("kling-3.0");
    ASSERT_NE(kling, nullptr);
    EXPECT_EQ(kling->id, "kling-3.0/video");
    EXPECT_EQ(kling->wire_id, "kling-3.0/video");
}

TEST(Catalogue, does_not_know_other_ids) {
    const auto catalogue = shipped();
    for (const char* id : {"", "niji7", "google", "Google/Imagen4", "veo-3-1", "runway"}) {
        EXPECT_EQ(catalogue->find(id), nullptr) << id;
    }
}

TEST(Catalogue, polls_each_kind_by_its_profile) {
    const auto catalogue = shipped();
    for (const auto& model : catalogue->models()) {
        if (model.family == Family::midjourney) EXPECT_EQ(model.profile, PollProfile::midjourney) << model.id;
        if (model.family == Family::suno) EXPECT_EQ(model.profile, PollProfile::audio) << model.id;
        if (model.family == Family::veo) EXPECT_EQ(model.profile, PollProfile::video) << model.id;
    }
    EXPECT_EQ(catalogue->find("google/imagen4")->profile, PollProfile::image);
    EXPECT_EQ(catalogue->find("topaz/video-upscale")->profile, PollProfile::video);
    EXPECT_EQ(catalogue->find("grok-imagine/upscale")->profile, PollProfile::video);
    EXPECT_EQ(catalogue->find("elevenlabs/speech-to-text")->profile, PollProfile::audio);
}

TEST(Catalogue, gives_luma_and_veo_4k_half_an_hour) {
    const auto catalogue = shipped();
    for (const auto& model : catalogue->models()) {
        const bool slow = model.id == "luma/modify" || model.id == "veo/4k";
        EXPECT_EQ(model.longest_wait, seconds(slow ? 1800 : 0)) << model.id;
    }
}

TEST(Catalogue, recommends_the_defaults_of_the_choosing_tables) {
    std::vector<std::string> recommended;
    const auto catalogue = shipped();
    for (const auto& model : catalogue->models()) {
        if (model.recommended) recommended.push_back(model.id);
    }
    std::ranges::sort(recommended);
    EXPECT_EQ(recommended, (std::vector<std::string>{
                               "elevenlabs/text-to-speech-turbo-2-5", "google/imagen4", "gpt4o-image",
                               "ideogram/v3-text-to-image", "kling-3.0/video", "luma/modify", "mj_txt2img",
                               "nano-banana-pro", "recraft/crisp-upscale", "runway/generate", "suno/V5", "veo3_fast"}));
}

TEST(Catalogue, lets_an_operators_entry_win_by_id) {
    const Folder folder;
    folder.write("mine.json", file_with("google/imagen4", R"("longest_wait_s":77,)"));
    folder.write("notes.txt", "not a catalogue");
    const auto catalogue = Catalogue::load(folder.path());
    ASSERT_TRUE(catalogue);
    EXPECT_EQ((*catalogue)->find("google/imagen4")->name, "Mine");
    EXPECT_EQ((*catalogue)->find("google/imagen4")->longest_wait, seconds(77));
    EXPECT_EQ((*catalogue)->models().size(), shipped()->models().size());
}

TEST(Catalogue, takes_new_models_from_an_operators_folder) {
    const Folder folder;
    folder.write("mine.json", file_with("z-image", R"("aliases":["zet"],)"));
    const auto catalogue = Catalogue::load(folder.path());
    ASSERT_TRUE(catalogue);
    EXPECT_EQ((*catalogue)->find("zet")->id, "z-image");
    EXPECT_EQ((*catalogue)->models().back().id, "z-image");
}

TEST(Catalogue, lets_a_new_id_win_over_an_alias) {
    const Folder folder;
    folder.write("mine.json", file_with("kling-3.0"));
    const auto catalogue = Catalogue::load(folder.path());
    ASSERT_TRUE(catalogue);
    EXPECT_EQ((*catalogue)->find("kling-3.0")->name, "Mine");
}

TEST(Catalogue, refuses_an_alias_of_two_models) {
    const Folder folder;
    folder.write("mine.json", file_with("z-image", R"("aliases":["kling-3.0"],)"));
    const auto catalogue = Catalogue::load(folder.path());
    ASSERT_FALSE(catalogue);
    EXPECT_NE(catalogue.error().detail.find("kling-3.0"), std::string::npos);
}

TEST(Catalogue, names_file_and_entry_of_a_fault) {
    const Folder folder;
    folder.write("mine.json", file_with("z-image", R"("colour":"red",)"));
    const auto catalogue = Catalogue::load(folder.path());
    ASSERT_FALSE(catalogue);
    EXPECT_EQ(catalogue.error().code, errc::invalid_argument);
    for (const char* part : {"mine.json", "z-image", "colour"}) {
        EXPECT_NE(catalogue.error().detail.find(part), std::string::npos) << catalogue.error().detail;
    }
}

TEST(Catalogue, refuses_an_id_that_is_there_twice) {
    const Folder folder;
    folder.write("a.json", file_with("z-image"));
    folder.write("b.json", file_with("z-image"));
    const auto catalogue = Catalogue::load(folder.path());
    ASSERT_FALSE(catalogue);
    EXPECT_NE(catalogue.error().detail.find("b.json"), std::string::npos);
}

TEST(Catalogue, refuses_a_folder_that_is_not_there) {
    const auto catalogue = Catalogue::load("/nowhere/models");
    ASSERT_FALSE(catalogue);
    EXPECT_NE(catalogue.error().detail.find("/nowhere/models"), std::string::npos);
}

TEST(Catalogue, names_the_id_nearest_to_a_misspelt_one) {
    const auto catalogue = shipped();
    EXPECT_EQ(catalogue->nearest("google/imagen-4"), "google/imagen4");
    EXPECT_EQ(catalogue->nearest("imagen4"), "google/imagen4");
    EXPECT_EQ(catalogue->nearest("GOOGLE/IMAGEN4"), "google/imagen4");
    EXPECT_EQ(catalogue->nearest("veo3-fast"), "veo3_fast");
    EXPECT_EQ(catalogue->nearest("kling3.0"), "kling-3.0/video");
    EXPECT_EQ(catalogue->nearest("a sunset over the sea"), "");
    EXPECT_EQ(catalogue->nearest(std::string(10'000, 'x')), "");
}

}  // namespace
}  // namespace genq::catalogue
