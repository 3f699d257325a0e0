#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "server/catalogue/catalogue.hpp"

// The catalogue as it is shipped, against kie.ai's guide and against itself.
namespace genq::catalogue {
namespace {

namespace bj = boost::json;

std::shared_ptr<const Catalogue> as_shipped() {
    return Catalogue::load("").value();
}

bool names(const std::vector<json::Fault>& faults, const std::string& pointer) {
    return std::ranges::any_of(faults, [&](const json::Fault& fault) { return fault.pointer == pointer; });
}

TEST(Shipped, leads_each_row_of_the_guide_to_its_model) {
    std::ifstream file(std::string(GENQ_TEST_DATA) + "/seed_rows.json");
    std::stringstream text;
    text << file.rdbuf();
    const auto data = bj::parse(text.str());
    const auto catalogue = as_shipped();
    std::map<std::string, int> tables;
    for (const auto& row : data.at("rows").as_array()) {
        ++tables[std::string(row.at("table").as_string())];
        const std::string use(row.at("use").as_string());
        const auto recommended = catalogue->for_use(use);
        ASSERT_NE(recommended.model, nullptr) << use;
        EXPECT_EQ(recommended.model->id, std::string(row.at("model").as_string())) << use;
        EXPECT_GT(recommended.model->typical_s_from, 0) << use;
        if (row.at("recommended").as_bool()) {
            EXPECT_TRUE(recommended.model->recommended) << use;
        }
    }
    EXPECT_EQ(tables, (std::map<std::string, int>{{"Image Generation", 13},
                                                  {"Image Editing", 11},
                                                  {"Image Upscaling", 3},
                                                  {"Video Generation", 13},
                                                  {"Video Editing", 4},
                                                  {"Music & Audio", 7}}));
}

TEST(Shipped, has_for_each_model_a_schema_and_an_example_that_fits_it) {
    const auto catalogue = as_shipped();
    for (const auto& model : catalogue->models()) {
        ASSERT_NE(model.input, nullptr) << model.id;
        ASSERT_TRUE(model.example) << model.id;
        EXPECT_NE(model.good_for, "") << model.id;
        EXPECT_GT(model.typical_s_to, 0) << model.id;
        const auto found = model.input->check(*model.example);
        EXPECT_TRUE(found.errors.empty()) << model.id << ' ' << found.errors.front().pointer;
        EXPECT_TRUE(found.warnings.empty()) << model.id << ' ' << found.warnings.front().pointer;
    }
}

TEST(Shipped, names_what_is_missing) {
    const auto catalogue = as_shipped();
    for (const auto& model : catalogue->models()) {
        const auto* required = model.input->document().if_contains("required");
        if (required == nullptr) continue;
        for (const auto& name : required->as_array()) {
            auto input = *model.example;
            input.erase(name.as_string());
            const auto found = model.input->check(input);
            EXPECT_TRUE(names(found.errors, "/input/" + std::string(name.as_string()))) << model.id << ' ' << name;
        }
    }
}

/// A value that this property does not take for its type; nullopt: anything may be taken.
std::optional<bj::value> of_wrong_type(const bj::object& property) {
    const auto* type = property.if_contains("type");
    if (type == nullptr || !type->is_string()) return std::nullopt;
    if (type->as_string() == "object") return bj::value("text");
    return bj::value(bj::object{{"no", "such"}});
}

bool has_list(const Model& model) {
    return std::ranges::any_of(model.input->document().at("properties").as_object(),
                               [](const auto& member) { return member.value().as_object().contains("enum"); });
}

/// One beyond what the property allows; nullopt: it has no limit.
std::optional<bj::value> out_of_range(const bj::object& property) {
    if (const auto* most = property.if_contains("maximum")) return bj::value(most->to_number<double>() + 1);
    if (const auto* least = property.if_contains("minimum")) return bj::value(least->to_number<double>() - 1);
    if (const auto* longest = property.if_contains("maxLength")) {
        return bj::value(std::string(static_cast<std::size_t>(longest->to_number<std::int64_t>()) + 1, 'x'));
    }
    if (const auto* least = property.if_contains("minItems"); least != nullptr && !property.contains("maxItems")) {
        return bj::value(bj::array(static_cast<std::size_t>(least->to_number<std::int64_t>() - 1)));
    }
    if (const auto* most = property.if_contains("maxItems")) {
        bj::array items;
        for (std::int64_t i = 0; i <= most->to_number<std::int64_t>(); ++i) items.emplace_back("x");
        return bj::value(std::move(items));
    }
    return std::nullopt;
}

TEST(Shipped, names_what_is_of_a_wrong_type_or_out_of_range) {
    const auto catalogue = as_shipped();
    std::set<std::string> by_list;  // no limit is documented but the values of a list
    std::set<std::string> by_file;  // nor that: only how large a file may be
    for (const auto& model : catalogue->models()) {
        int types = 0;
        int ranges = 0;
        for (const auto& member : model.input->document().at("properties").as_object()) {
            const auto& property = member.value().as_object();
            const std::string pointer = "/input/" + std::string(member.key());
            const auto refuses = [&](const std::optional<bj::value>& bad, int& count) {
                if (!bad) return;
                ++count;
                auto input = *model.example;
                input[member.key()] = *bad;
                EXPECT_TRUE(names(model.input->check(input).errors, pointer)) << model.id << ' ' << pointer;
            };
            refuses(of_wrong_type(property), types);
            refuses(out_of_range(property), ranges);
        }
        EXPECT_GT(types, 0) << model.id;
        if (ranges > 0) continue;
        (has_list(model) ? by_list : by_file).insert(model.id);
    }
    EXPECT_EQ(by_list, (std::set<std::string>{"gpt-image/1.5-text-to-image", "ideogram/v3-reframe", "runway/aleph",
                                              "runway/extend", "topaz/image-upscale", "topaz/video-upscale"}));
    EXPECT_EQ(by_file, (std::set<std::string>{"elevenlabs/audio-isolation", "luma/modify", "recraft/crisp-upscale",
                                              "recraft/remove-background"}));
    for (const auto& id : by_list) {
        const auto& model = *catalogue->find(id);
        for (const auto& member : model.input->document().at("properties").as_object()) {
            if (!member.value().as_object().contains("enum")) continue;
            auto input = *model.example;
            input[member.key()] = "no such value";
            const auto found = model.input->check(input);
            EXPECT_TRUE(names(found.warnings, "/input/" + std::string(member.key()))) << id << ' ' << member.key();
        }
    }
    for (const auto& id : by_file) {
        const auto& model = *catalogue->find(id);
        int files = 0;
        for (const auto& member : model.input->document().at("properties").as_object()) {
            const auto* rule = member.value().as_object().if_contains("x-genqd-file");
            if (rule == nullptr) continue;
            ++files;
            const auto most = rule->at("max_bytes").to_number<std::uint64_t>();
            const auto type = std::string(rule->at("media").at(0).as_string());
            const std::string pointer = "/input/" + std::string(member.key());
            EXPECT_EQ(model.input->file_fault(pointer, type, most), "") << id;
            EXPECT_NE(model.input->file_fault(pointer, type, most + 1), "") << id;
        }
        EXPECT_EQ(files, 1) << id;
    }
}

TEST(Shipped, takes_a_dialogue_as_it_is_documented) {
    const auto catalogue = as_shipped();
    const auto& schema = *catalogue->find("elevenlabs/text-to-dialogue-v3")->input;
    const auto line = [](std::size_t length) {
        return bj::object{{"text", std::string(length, 'x')}, {"voice", "Adam"}};
    };
    EXPECT_TRUE(schema.check({{"dialogue", bj::array{line(2500), line(2500)}}}).errors.empty());
    EXPECT_TRUE(names(schema.check({{"dialogue", bj::array{line(2500), line(2501)}}}).errors, "/input/dialogue"));
    EXPECT_TRUE(names(schema.check({{"dialogue", bj::array()}}).errors, "/input/dialogue"));
    const bj::array silent{bj::object{{"text", "x"}}};
    EXPECT_TRUE(names(schema.check({{"dialogue", silent}}).errors, "/input/dialogue/0/voice"));
}

}  // namespace
}  // namespace genq::catalogue
