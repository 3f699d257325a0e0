#include "tests/unit/front/front_fixture.hpp"

namespace genq::front::test {
namespace {

class VeoUpgrade : public FrontTest {
  protected:
    VeoUpgrade() : film_(create("/api/v1/veo/generate", R"({"prompt":"x"})")) { succeed_with(film_, "veo-success"); }

    [[nodiscard]] std::vector<Job> upgrades(const std::string& model) {
        store::JobFilter filter;
        filter.models = {model};
        return run(store_->list(std::move(filter), std::nullopt, 50)).value().jobs;
    }
    void finish(const std::string& id) {
        make_generating(id);
        Output output;
        output.source_url = "https://files.example/4k.mp4";
        output.role = "video";
        store::Generated generated;
        generated.id = id_of(id);
        generated.outputs = {output};
        ASSERT_TRUE(run(store_->record_generated(std::move(generated))));
        output.digest = Digest::parse(std::string(64, 'a'));
        output.filename = "4k.mp4";
        ASSERT_TRUE(run(store_->record_output(id_of(id), output)));
    }
    std::string film_;
};

TEST_F(VeoUpgrade, to_1080p_is_made_once_and_polled_by_the_same_request) {
    const std::string target = "/api/v1/veo/get-1080p-video?taskId=" + film_;
    for (int i = 0; i < 3; ++i) {
        const auto answer = ask("GET", target + (i == 1 ? "&index=0" : ""));
        EXPECT_EQ(answer.at("code").as_int64(), 400);
        EXPECT_EQ(answer.at("msg"), sample("veo-1080p-processing").at("msg"));
    }
    const auto jobs = upgrades("veo/1080p");
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(boost::json::parse(jobs[0].sent_input), boost::json::parse(R"({"taskId":"task-1","index":0})"));
    EXPECT_EQ(jobs[0].step, Step::submit);
    finish(jobs[0].id.text());
    const auto record = poll("/api/v1/veo/record-info", jobs[0].id.text());
    EXPECT_EQ(record.at("response").at("resolution").as_string(), "1080p");
    EXPECT_FALSE(record.at("response").as_object().contains("imageUrls"));
    const auto answer = ask("GET", target);
    expect_shape(sample("veo-1080p-success"), answer);
    EXPECT_EQ(answer.at("code").as_int64(), 200);
    EXPECT_EQ(ask("GET", target + "&index=1").at("code").as_int64(), 400) << "another index is another film";
    EXPECT_EQ(upgrades("veo/1080p").size(), 2U);
}

TEST_F(VeoUpgrade, is_made_by_no_page_of_another_origin_and_by_no_head) {
    for (const std::string path : {"/api/v1/veo/get-1080p-video", "/api/v1/veo/get-4k-video"}) {
        const auto target = path + "?taskId=" + film_;
        for (const auto& headers :
             {http::Fields{{"Origin", "https://evil.example"}}, http::Fields{{"Sec-Fetch-Site", "cross-site"}}}) {
            EXPECT_EQ(json_of(get(target, headers)).at("code").as_int64(), 401) << target;
        }
        EXPECT_EQ(json_of(send("HEAD", target)).at("code").as_int64(), 404) << target;
    }
    EXPECT_TRUE(upgrades("veo/1080p").empty());
    EXPECT_TRUE(upgrades("veo/4k").empty());
}

TEST_F(VeoUpgrade, to_4k_is_made_once_by_get_and_post_alike_and_across_a_restart) {
    const std::string body = R"({"taskId":")" + film_ + R"(","index":0})";
    const auto first = ask("POST", "/api/v1/veo/get-4k-video", body);
    EXPECT_EQ(first.at("code").as_int64(), 200);
    expect_shape(sample("veo-4k-accepted"), first);
    restart({.public_url = "https://queue.example", .min_free_bytes = 0});
    for (const auto& answer :
         {ask("GET", "/api/v1/veo/get-4k-video?taskId=" + film_), ask("POST", "/api/v1/veo/get-4k-video", body)}) {
        EXPECT_EQ(answer.at("code").as_int64(), 422);
        EXPECT_EQ(answer.at("msg"), sample("veo-4k-processing").at("msg"));
        EXPECT_EQ(answer.at("data").at("taskId"), first.at("data").at("taskId"));
    }
    ASSERT_EQ(upgrades("veo/4k").size(), 1U);
    finish(upgrades("veo/4k")[0].id.text());
    const auto ready = ask("POST", "/api/v1/veo/get-4k-video", body);
    expect_shape(sample("veo-4k-ready"), ready, {"imageUrls"});
    EXPECT_EQ(ready.at("msg"), sample("veo-4k-ready").at("msg"));
    EXPECT_TRUE(ready.at("data").at("imageUrls").is_array());
}

TEST_F(VeoUpgrade, is_made_once_by_many_at_the_same_time) {
    std::vector<std::shared_ptr<Pending>> all;
    all.reserve(20);
    for (int i = 0; i < 20; ++i) all.push_back(start("GET", "/api/v1/veo/get-4k-video?taskId=" + film_));
    int made = 0;
    for (const auto& one : all) {
        while (!one->done) io_.run_one();
        if (json_of(one->response).at("code").as_int64() == 200) ++made;
    }
    EXPECT_EQ(made, 1);
    EXPECT_EQ(upgrades("veo/4k").size(), 1U);
}

TEST_F(VeoUpgrade, that_failed_says_so_and_is_not_paid_again) {
    const std::string target = "/api/v1/veo/get-4k-video?taskId=" + film_;
    EXPECT_EQ(ask("GET", target).at("code").as_int64(), 200);
    fail_with(upgrades("veo/4k")[0].id.text(), JobErrorCode::generation_failed, true);
    EXPECT_EQ(ask("GET", target).at("code").as_int64(), 501);
    EXPECT_EQ(ask("GET", target).at("code").as_int64(), 501);
    EXPECT_EQ(upgrades("veo/4k").size(), 1U);
    EXPECT_EQ(ask("GET", target + "&index=x").at("code").as_int64(), 422);
    EXPECT_EQ(ask("GET", "/api/v1/veo/get-4k-video").at("code").as_int64(), 400);
}

}  // namespace
}  // namespace genq::front::test
