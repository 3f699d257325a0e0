#include <boost/json/parse.hpp>

#include "tests/unit/engine/engine_fixture.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;

class DownloadTest : public EngineTest {};

TEST_F(DownloadTest, resumes_what_broke_off) {
    start();
    kie.truncate_downloads = 2;
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.downloads, 3);
    EXPECT_EQ(blobs.blobs.begin()->second, kie.media);
}

TEST_F(DownloadTest, tries_again_when_the_media_host_is_in_trouble) {
    start();
    for (int i = 0; i < 6; ++i) kie.media_statuses.push_back(503);
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 30min));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(DownloadTest, fails_when_the_url_is_dead_and_a_retry_downloads_again) {
    start();
    kie.media_statuses = {404};
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::failed, 30min));
    EXPECT_EQ(get(id).error->code, JobErrorCode::download_failed);
    EXPECT_TRUE(get(id).error->retryable);
    ASSERT_TRUE(run(store->retry(id, {}, std::nullopt)));
    engine->job_changed(id);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 5min));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(DownloadTest, asks_the_record_for_a_fresh_url_when_one_has_expired) {
    start();
    kie.media_statuses = {403};
    kie.result_json = R"({"resultUrls":["https://media.example.org/old.png"]})";
    const JobId id = accept();
    ASSERT_TRUE(run_until([&] { return kie.downloads == 1; }, 1min));
    kie.result_json = R"({"resultUrls":["https://media.example.org/new.png"]})";
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 5min));
    EXPECT_EQ(get(id).outputs[0].source_url, "https://media.example.org/new.png");
}

TEST_F(DownloadTest, does_not_give_up_a_dead_url_while_nobody_can_be_asked_for_another) {
    start();
    kie.media_statuses = {404};
    kie.result_json = R"({"resultUrls":["https://media.example.org/old.png"]})";
    const JobId id = accept();
    ASSERT_TRUE(run_until([&] { return kie.downloads == 1; }, 1min));
    kie.query_answers = {R"({"code":500,"msg":"Server Error","data":null})"};
    advance(1s);
    EXPECT_EQ(get(id).status, JobStatus::downloading);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 30min));
}

TEST_F(DownloadTest, does_not_give_up_a_dead_url_while_kie_puts_the_link_to_another_off) {
    for (const int code : {402, 408, 433, 455, 501, 505}) {
        SCOPED_TRACE(code);
        if (!engine) start();
        kie.media_statuses = {404};
        kie.link_codes = {code};
        const JobId id = accept();
        ASSERT_TRUE(run_until([&] { return kie.link_codes.empty(); }, 1min));
        advance(1s);
        EXPECT_EQ(get(id).status, JobStatus::downloading);
        ASSERT_TRUE(reaches(id, JobStatus::succeeded, 30min));
    }
}

TEST_F(DownloadTest, takes_a_page_of_words_for_no_picture) {
    start();
    const std::string picture = std::exchange(kie.media, "<html>sorry</html>");
    const JobId id = accept();
    ASSERT_TRUE(run_until([&] { return kie.downloads >= 1; }, 1min));
    advance(1s);
    EXPECT_EQ(get(id).status, JobStatus::downloading);
    EXPECT_TRUE(blobs.blobs.empty());
    kie.media = picture;
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 30min));
}

TEST_F(DownloadTest, never_glues_parts_of_two_files_together) {
    start();
    kie.truncate_downloads = 1;
    kie.next_etags = {"\"old\"", "\"new\""};
    kie.ignores_if_range = true;
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.downloads, 3) << "the first part, another file's second part, and then the whole";
    EXPECT_EQ(blobs.blobs.begin()->second, kie.media);
}

TEST_F(DownloadTest, takes_an_empty_file_for_no_output) {
    start();
    const std::string picture = std::exchange(kie.media, "");
    const JobId id = accept();
    ASSERT_TRUE(run_until([&] { return kie.downloads >= 1; }, 1min));
    advance(1s);
    EXPECT_EQ(get(id).status, JobStatus::downloading);
    kie.media = picture;
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 30min));
}

TEST_F(DownloadTest, waits_for_space_and_goes_on) {
    start();
    blobs.full = true;
    blobs.free = 1ULL << 40U;
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::downloading));
    advance(1min);
    EXPECT_EQ(get(id).status, JobStatus::downloading);
    blobs.full = false;
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 5min));
}

class ResultFilesTest : public DownloadTest {
  protected:
    ResultFilesTest() {
        kie.result_json = R"({"resultObject":{"language_code":"eng","text":"hello world","words":[]}})";
    }
    std::string bytes(const Output& output) { return output.digest ? blobs.blobs.at(*output.digest) : "not stored"; }
};

TEST_F(ResultFilesTest, are_stored_like_other_outputs) {
    start();
    const Job job = get([&] {
        const JobId id = accept("elevenlabs/speech-to-text");
        EXPECT_TRUE(reaches(id, JobStatus::succeeded));
        return id;
    }());
    ASSERT_EQ(job.outputs.size(), 2U);
    EXPECT_EQ(job.outputs[0].role, "text");
    EXPECT_EQ(job.outputs[0].media_type, "text/plain; charset=utf-8");
    EXPECT_EQ(job.outputs[0].filename, job.id.text() + "-0.txt");
    EXPECT_EQ(bytes(job.outputs[0]), "hello world\n");
    EXPECT_EQ(job.outputs[1].role, "json");
    EXPECT_EQ(job.outputs[1].media_type, "application/json");
    EXPECT_EQ(job.outputs[1].filename, job.id.text() + "-1.json");
    EXPECT_EQ(boost::json::parse(bytes(job.outputs[1])), *job.result);
}

TEST_F(ResultFilesTest, are_written_after_a_crash_before_they_were) {
    start();
    blobs.full = true;
    blobs.free = 1ULL << 40U;
    const JobId id = accept("elevenlabs/speech-to-text");
    ASSERT_TRUE(reaches(id, JobStatus::downloading));
    advance(1min);
    EXPECT_EQ(get(id).status, JobStatus::downloading) << "not succeeded before its files are stored";
    crash();
    blobs.full = false;
    kie.query_answers = {"no record is needed any more"};
    start();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 5min));
    EXPECT_EQ(bytes(get(id).outputs[0]), "hello world\n");
    EXPECT_EQ(kie.creates(), 1U);
    EXPECT_EQ(kie.query_answers.size(), 1U);
}

TEST_F(ResultFilesTest, come_after_the_files_that_kie_ai_made) {
    start();
    kie.result_json = R"({"resultObject":{"text":"a mask","mask_urls":["https://m.example.org/m.png"]}})";
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    const auto outputs = get(id).outputs;
    ASSERT_EQ(outputs.size(), 3U);
    EXPECT_EQ(outputs[0].role, "mask");
    EXPECT_EQ(bytes(outputs[1]), "a mask\n");
    EXPECT_EQ(outputs[2].role, "json");
}

TEST_F(DownloadTest, stores_every_output_and_each_only_once) {
    start();
    kie.result_json = R"({"resultUrls":["https://m.example.org/1.png","https://m.example.org/2.png"]})";
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(get(id).outputs.size(), 2U);
    EXPECT_EQ(blobs.blobs.size(), 1U) << "the same bytes";
}

}  // namespace
}  // namespace genq::engine
