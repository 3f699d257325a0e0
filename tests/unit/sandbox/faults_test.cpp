#include "server/sandbox/faults.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "tests/unit/sandbox/rig.hpp"

namespace genq::sandbox::test {
namespace {

constexpr auto* create_path = "/api/v1/jobs/createTask";
constexpr auto* create_body = R"({"model":"z-image","input":{"prompt":"a"}})";

void script(Rig& rig, const std::string& faults) {
    const auto reply = rig.send("POST", "/_sandbox/faults", faults);
    ASSERT_EQ(reply.response.status, 200) << body_of(reply);
}

TEST(Faults, answer_with_a_code_so_often_after_so_many) {
    Rig rig;
    script(
        rig,
        R"([{"match":{"path":"/api/v1/jobs/createTask"},"do":"code","code":455,"msg":"later","times":2,"after":1}])");
    std::vector<int> codes;
    for (int i = 0; i < 5; ++i) codes.push_back(code_of(rig.post(create_path, read(create_body))));
    EXPECT_EQ(codes, (std::vector<int>{200, 455, 455, 200, 200}));
    EXPECT_EQ(rig.ledger().creates.size(), 3U);
}

TEST(Faults, always_strike_with_minus_one_until_they_are_cleared) {
    Rig rig;
    script(rig, R"({"do":"status","status":503,"body":"busy","times":-1})");
    for (int i = 0; i < 5; ++i) {
        const auto reply = rig.send("POST", create_path, create_body);
        EXPECT_EQ(reply.response.status, 503);
        EXPECT_EQ(body_of(reply), "busy");
    }
    EXPECT_EQ(rig.send("DELETE", "/_sandbox/faults").response.status, 200);
    EXPECT_EQ(rig.send("POST", create_path, create_body).response.status, 200);
    EXPECT_EQ(rig.ledger().creates.size(), 1U);
}

TEST(Faults, tell_apart_what_made_a_task_and_what_did_not) {
    Rig rig;
    script(rig, R"([{"do":"reset_before"}])");
    EXPECT_TRUE(rig.send("POST", create_path, create_body).response.abort);
    EXPECT_EQ(rig.ledger().creates.size(), 0U);
    script(rig, R"([{"do":"reset_after"},{"do":"hang"},{"do":"empty"},{"do":"html"},{"do":"delay_ms","ms":300}])");
    EXPECT_TRUE(rig.send("POST", create_path, create_body).response.abort);
    EXPECT_TRUE(rig.send("POST", create_path, create_body).hang);
    EXPECT_EQ(body_of(rig.send("POST", create_path, create_body)), "");
    EXPECT_EQ(rig.send("POST", create_path, create_body).response.status, 502);
    EXPECT_EQ(rig.send("POST", create_path, create_body).delay, 300ms);
    EXPECT_EQ(rig.ledger().creates.size(), 5U);
}

TEST(Faults, match_by_path_prefix_model_and_family) {
    Rig rig;
    script(rig, R"([{"match":{"path":"/api/v1/veo/*"},"do":"code","code":500},
                    {"match":{"model":"google/imagen4"},"do":"code","code":501},
                    {"match":{"family":"luma"},"do":"code","code":505}])");
    EXPECT_EQ(code_of(rig.post(create_path, read(create_body))), 200);
    EXPECT_EQ(code_of(rig.get("/api/v1/modify/record-info?taskId=x")), 505);
    EXPECT_EQ(code_of(rig.get("/api/v1/veo/record-info?taskId=x")), 500);
    EXPECT_EQ(code_of(rig.post(create_path, read(R"({"model":"google/imagen4","input":{"prompt":"a"}})"))), 501);
    EXPECT_EQ(rig.send("GET", "/_sandbox/faults").response.status, 200);
    EXPECT_EQ(body_of(rig.send("GET", "/_sandbox/faults")), "[]");
}

TEST(Faults, decide_how_a_task_ends) {
    Rig rig;
    script(rig, R"([{"do":"fail_task","code":400,"msg":"flagged"},{"do":"stuck"},{"do":"no_result"},
                    {"do":"not_visible","ms":60000}])");
    std::vector<std::string> ids;
    for (int i = 0; i < 4; ++i) ids.push_back(rig.create(create_path, create_body));
    rig.pass(20s);
    const auto record = [&](std::size_t i) { return rig.get("/api/v1/jobs/recordInfo?taskId=" + ids[i]); };
    EXPECT_EQ(record(0).at("data").at("failCode"), "400");
    EXPECT_EQ(record(0).at("data").at("failMsg"), "flagged");
    EXPECT_EQ(record(1).at("data").at("state"), "generating");
    EXPECT_EQ(record(2).at("data").at("resultJson"), R"({"resultUrls":[]})");
    EXPECT_EQ(code_of(record(3)), 422);
    rig.pass(40s);
    EXPECT_EQ(code_of(record(3)), 200);
}

TEST(Faults, cut_a_file_or_let_its_link_expire) {
    Rig rig;
    const auto id = rig.create(create_path, create_body);
    rig.pass(10s);
    script(rig, R"([{"do":"expired"},{"match":{"family":"market"},"do":"truncate"}])");
    const auto data = rig.get("/api/v1/jobs/recordInfo?taskId=" + id).at("data").as_object();
    const auto url = std::string(read(data.at("resultJson").as_string()).at("resultUrls").at(0).as_string());
    EXPECT_EQ(rig.send("GET", Rig::target_of(url)).response.status, 403);
    const auto cut = rig.send("GET", Rig::target_of(url));
    EXPECT_EQ(cut.response.status, 200);
    EXPECT_EQ(cut.response.cut_after, body_of(cut).size() / 2);
    EXPECT_FALSE(rig.send("GET", Rig::target_of(url)).response.cut_after.has_value());
}

TEST(Faults, refuse_a_script_that_does_not_read) {
    Rig rig;
    for (const auto* bad :
         {"{", "7", R"([7])", R"([{}])", R"([{"do":"explode"}])", R"([{"do":7}])", R"([{"do":"hang","tims":2}])",
          R"([{"do":"hang","times":"2"}])", R"([{"do":"hang","match":{"host":"a"}}])", R"([{"do":"delay_ms","ms":-1}])",
          R"([{"do":"status","status":99}])"}) {
        EXPECT_EQ(rig.send("POST", "/_sandbox/faults", bad).response.status, 400) << bad;
    }
    EXPECT_EQ(body_of(rig.send("GET", "/_sandbox/faults")), "[]");
}

}  // namespace
}  // namespace genq::sandbox::test
