#include <set>

#include "server/api/problem.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

TEST_F(ApiTest, documents_every_problem_code) {
    const auto document = json_of(get("/openapi.json"));
    std::set<std::string> in_document;
    const auto& codes = document.at_pointer("/components/schemas/Problem/properties/code/enum").as_array();
    for (const auto& code : codes) in_document.emplace(code.as_string());
    std::set<std::string> in_program;
    for (const ProblemCode code : all_problem_codes) {
        in_program.emplace(to_string(code));
        const std::string response = "/components/responses/Problem" + std::to_string(status_of(code)) + "/description";
        EXPECT_NE(std::string_view(document.at_pointer(response).as_string()).find(to_string(code)),
                  std::string_view::npos);
    }
    EXPECT_EQ(in_document, in_program);
}

// Every member that the schema of a resource demands is there, and no other.
void expect_members(const boost::json::value& document, const std::string& schema, const boost::json::value& value) {
    std::set<std::string> documented_members;
    const auto& properties = document.at_pointer("/components/schemas/" + schema + "/properties").as_object();
    for (const auto& property : properties) documented_members.emplace(property.key());
    std::set<std::string> members;
    for (const auto& member : value.as_object()) members.emplace(member.key());
    EXPECT_EQ(members, documented_members) << schema;
}

TEST_F(ApiTest, answers_with_the_members_that_it_documents) {
    const auto document = json_of(get("/openapi.json"));
    const auto id = submit();
    make_succeeded(id, "x", "text/plain", "x.txt");
    const auto job = json_of(get("/v1/jobs/" + id));
    expect_members(document, "Job", job);
    expect_members(document, "Output", json_of(get("/v1/jobs/" + id + "?sign=60")).at("outputs").at(0));
    const auto told = submit(R"(,"webhook":{"url":"https://a.example","events":["queued"]})");
    expect_members(document, "Delivery", json_of(get("/v1/jobs/" + told + "/deliveries")).at("deliveries").at(0));
    expect_members(document, "JobPage", json_of(get("/v1/jobs")));
    expect_members(document, "Event", json_of(get("/v1/jobs/" + id + "/events")).at("events").at(0));
    expect_members(document, "Model", json_of(get("/v1/models")).at("models").at(0));
    expect_members(document, "Queue", json_of(get("/v1/queue")));
    const auto usage = json_of(get("/v1/usage"));
    expect_members(document, "Usage", usage);
    expect_members(document, "UsageGroup", usage.at("usage").at(0));
    expect_members(document, "UsageCounts", usage.at("total"));
    const auto past = json_of(get("/v1/queue/history"));
    expect_members(document, "QueueHistory", past);
    expect_members(document, "QueuePoint", past.at("points").at(0));
    expect_members(document, "Readiness", json_of(get("/readyz")));
    expect_members(document, "Problem", json_of(get("/nowhere")));
}

}  // namespace
}  // namespace genq::api::test
