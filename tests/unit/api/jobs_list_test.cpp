#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

std::vector<std::string> ids_of(const boost::json::value& page) {
    std::vector<std::string> ids;
    for (const auto& job : page.at("jobs").as_array()) ids.emplace_back(job.at("id").as_string());
    return ids;
}

TEST_F(ApiTest, lists_newest_first_in_pages_that_new_jobs_do_not_move) {
    std::vector<std::string> all;
    for (int i = 0; i < 5; ++i) all.insert(all.begin(), submit());
    std::vector<std::string> seen;
    std::string target = "/v1/jobs?limit=2&status=queued";
    for (int pages = 0; pages < 3; ++pages) {
        const auto response = get(target);
        ASSERT_EQ(response.status, 200);
        const auto page = json_of(response);
        for (auto& id : ids_of(page)) seen.push_back(std::move(id));
        submit();
        const std::string link(response.headers.get("Link"));
        if (pages == 2) {
            EXPECT_TRUE(page.at("next_cursor").is_null());
            EXPECT_TRUE(link.empty());
            break;
        }
        ASSERT_TRUE(link.starts_with("</v1/jobs?limit=2&status=queued&cursor=") && link.ends_with(">; rel=\"next\""))
            << link;
        target = link.substr(1, link.find('>') - 1);
    }
    EXPECT_EQ(seen, all);
}

TEST_F(ApiTest, filters_by_each_parameter) {
    const auto image = submit(R"(,"labels":{"project":"spring","a b":"c&d"})");
    const auto video = std::string(json_of(post("/v1/jobs", R"({"model":"veo3","input":{}})")).at("id").as_string());
    make_generating(video);
    make_failed(video, JobErrorCode::generation_timeout);
    const auto found = [&](const std::string& query) { return ids_of(json_of(get("/v1/jobs?" + query))); };
    using Ids = std::vector<std::string>;
    EXPECT_EQ(found("status=queued"), Ids{image});
    EXPECT_EQ(found("status=failed&status=canceled"), Ids{video});
    EXPECT_EQ(found("status=failed,queued"), (Ids{video, image}));
    EXPECT_EQ(found("model=veo3"), Ids{video});
    EXPECT_EQ(found("model=google/imagen4&model=veo3"), (Ids{video, image}));
    EXPECT_EQ(found("family=veo"), Ids{video});
    EXPECT_EQ(found("kind=" + stored(video).kind), Ids{video});
    EXPECT_EQ(found("label.project=spring"), Ids{image});
    EXPECT_EQ(found("label.project=spring&label.a+b=c%26d"), Ids{image});
    EXPECT_EQ(found("label.project=autumn"), Ids{});
    EXPECT_EQ(found("caller=anonymous"), (Ids{video, image}));
    EXPECT_EQ(found("caller=nobody"), Ids{});
    EXPECT_EQ(found("error_code=generation_timeout"), Ids{video});
    EXPECT_EQ(found("billed=yes"), Ids{video});
    EXPECT_EQ(found("batch_id=01ARZ3NDEKTSV4RRFFQ69G5FAV"), Ids{});
    EXPECT_EQ(found("created_after=2020-01-01T00:00:00Z"), (Ids{video, image}));
    EXPECT_EQ(found("created_before=2020-01-01T00:00:00Z"), Ids{});
}

TEST_F(ApiTest, refuses_a_bad_value_with_the_parameters_name) {
    const std::vector<std::pair<std::string, std::string>> bad{
        {"status=done", "?status"},
        {"status=queued,", "?status"},
        {"status=", "?status"},
        {"family=x", "?family"},
        {"error_code=x", "?error_code"},
        {"billed=maybe", "?billed"},
        {"created_after=now", "?created_after"},
        {"created_before=1", "?created_before"},
        {"limit=0", "?limit"},
        {"limit=201", "?limit"},
        {"limit=x", "?limit"},
        {"limit=1&limit=2", "?limit"},
        {"cursor=abc", "?cursor"},
        {"cursor=", "?cursor"},
        {"model=", "?model"},
        {"label.=x", "?label."},
        {"colour=red", "?colour"},
        {"model=%ff", "?model"},
    };
    for (const auto& [query, pointer] : bad) {
        const auto response = get("/v1/jobs?" + query);
        EXPECT_EQ(response.status, 422) << query;
        EXPECT_EQ(code_of(response), "validation_failed") << query;
        EXPECT_EQ(pointers_of(response), std::vector<std::string>{pointer}) << query;
    }
    EXPECT_EQ(pointers_of(get("/v1/jobs?status=x&limit=0")), (std::vector<std::string>{"?status", "?limit"}));
}

TEST_F(ApiTest, refuses_a_kind_that_no_model_has_and_a_batch_id_that_is_no_id) {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"kind=imgae", "?kind"},
        {"kind=image&kind=Image", "?kind"},
        {"batch_id=x", "?batch_id"},
        {"batch_id=", "?batch_id"},
    };
    for (const auto& [query, pointer] : rows) {
        const auto response = get("/v1/jobs?" + query);
        EXPECT_EQ(response.status, 422) << query;
        EXPECT_EQ(code_of(response), "validation_failed");
        EXPECT_EQ(pointers_of(response), std::vector<std::string>{pointer}) << query;
    }
    // What passes through unchecked gets a kind that no model of the catalogue need have.
    EXPECT_EQ(get("/v1/jobs?kind=other").status, 200);
}

}  // namespace
}  // namespace genq::api::test
