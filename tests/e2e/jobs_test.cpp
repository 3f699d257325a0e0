#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fstream>

#include "tests/e2e/daemon.hpp"

namespace genq::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    if (!std::filesystem::exists(folder)) return files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
    return files;
}

TEST(Jobs, go_from_submit_to_files) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto done = daemon.client({"submit", "google/imagen4", "prompt=a red fox", "--wait", "--out", "pictures"});
    ASSERT_EQ(done.code, 0) << done.err << daemon.process().err();
    EXPECT_EQ(done.err, "The job is " + done.out.substr(0, done.out.find(' ')) + ".\n");
    EXPECT_THAT(done.out, HasSubstr("succeeded"));
    const auto files = files_in(daemon.folder() / "pictures");
    ASSERT_EQ(files.size(), 1U);
    EXPECT_GT(std::filesystem::file_size(files[0]), 100U);
    EXPECT_THAT(done.out, HasSubstr("pictures/" + files[0].filename().string()));

    const auto id = done.out.substr(0, done.out.find(' '));
    const auto status = daemon.client({"status", id, "--json"});
    ASSERT_EQ(status.code, 0);
    const auto job = boost::json::parse(status.out).as_object();
    EXPECT_EQ(job.at("status").as_string(), "succeeded");
    EXPECT_EQ(job.at("billed").as_string(), "yes");
    EXPECT_EQ(job.at("input").as_object().at("prompt").as_string(), "a red fox");

    const auto got = daemon.client({"get", id, "--out", "again"});
    EXPECT_EQ(got.code, 0) << got.err;
    EXPECT_EQ(read_file(files_in(daemon.folder() / "again").at(0)), read_file(files[0]));
    const auto list = daemon.client({"list", "--status", "succeeded", "--model", "google/imagen4"});
    EXPECT_THAT(list.out, HasSubstr(id));
    EXPECT_EQ(daemon.client({"list", "--status", "failed"}).out.find(id), std::string::npos);
}

/// The job of a submit, as JSON, after its end.
boost::json::object done_job(Daemon& daemon, const std::vector<std::string>& arguments) {
    std::vector<std::string> submit{"submit"};
    submit.insert(submit.end(), arguments.begin(), arguments.end());
    submit.insert(submit.end(), {"--wait", "--out", "files"});
    const auto done = daemon.client(submit);
    EXPECT_EQ(done.code, 0) << done.err << daemon.process().err();
    const auto status = daemon.client({"status", done.out.substr(0, done.out.find(' ')), "--json"});
    return boost::json::parse(status.out).as_object();
}

TEST(Jobs, whose_result_is_text_leave_it_as_files) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"suno/lyrics", "prompt=a quiet street"}, "/result/lyrics/0/text"},
        {{"elevenlabs/speech-to-text", "audio_url=https://example.com/a.mp3"}, "/result/transcript/text"}};
    for (const auto& [submit, pointer] : cases) {
        const boost::json::value job = done_job(daemon, submit);
        const auto& outputs = job.at("outputs").as_array();
        ASSERT_EQ(outputs.size(), 2U) << submit[0];
        EXPECT_EQ(outputs[0].at("role").as_string(), "text");
        EXPECT_EQ(outputs[0].at("media_type").as_string(), "text/plain; charset=utf-8");
        EXPECT_TRUE(outputs[0].at("source_url").is_null());
        const auto files = daemon.folder() / "files";
        const auto read = read_file(files / std::string(outputs[0].at("filename").as_string()));
        EXPECT_THAT(read, HasSubstr(std::string(job.at_pointer(pointer).as_string())));
        EXPECT_THAT(std::string(outputs[1].at("filename").as_string()), testing::EndsWith("-1.json"));
        const auto whole = read_file(files / std::string(outputs[1].at("filename").as_string()));
        EXPECT_EQ(boost::json::parse(whole), job.at("result"));
    }
}

TEST(Jobs, outlive_a_restart) {
    Daemon daemon;
    // After a kill the daemon can't know what it sent last: it waits for window and straggler before it sends again.
    const std::map<std::string, std::string> brief{{"GENQD_LIMITS__WINDOW_S", "1"}, {"GENQD_LIMITS__STRAGGLER_S", "0"}};
    ASSERT_TRUE(daemon.start(brief));
    ASSERT_EQ(daemon.client({"pause", "--reason", "a test"}).code, 0);
    const auto made = daemon.client({"submit", "google/imagen4", "prompt=x", "--label", "project=spring"});
    ASSERT_EQ(made.code, 0) << made.err;
    const auto id = first_line(made.out);
    daemon.process().signal(9);
    ASSERT_TRUE(daemon.process().wait());
    ASSERT_TRUE(daemon.start(brief));
    EXPECT_THAT(daemon.client({"status", id}).out, HasSubstr("paused"));
    EXPECT_THAT(daemon.client({"queue"}).out, HasSubstr("held: paused"));
    EXPECT_EQ(daemon.client({"wait", id, "--timeout", "0"}).code, 5);
    ASSERT_EQ(daemon.client({"resume"}).code, 0);
    EXPECT_EQ(daemon.client({"wait", id}).code, 0) << daemon.process().err();
    EXPECT_THAT(daemon.client({"list", "--label", "project=spring"}).out, HasSubstr(id));
}

TEST(Jobs, are_canceled_and_then_have_failed_for_who_waits) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    ASSERT_EQ(daemon.client({"pause"}).code, 0);
    const auto id = first_line(daemon.client({"submit", "google/imagen4", "prompt=x"}).out);
    const auto canceled = daemon.client({"cancel", id});
    EXPECT_EQ(canceled.code, 0) << canceled.err;
    EXPECT_THAT(canceled.out, HasSubstr("canceled  billed: no"));
    EXPECT_EQ(daemon.client({"wait", id}).code, 1);
    EXPECT_EQ(daemon.client({"cancel", id}).code, 3);
    EXPECT_EQ(daemon.client({"get", id}).code, 1);
}

TEST(Jobs, with_the_same_key_are_one) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    ASSERT_EQ(daemon.client({"pause"}).code, 0);
    const std::vector<std::string> submit{"submit", "google/imagen4", "prompt=x", "--idempotency-key", "k"};
    const auto first = daemon.client(submit);
    EXPECT_EQ(first.code, 0);
    EXPECT_EQ(daemon.client(submit).out, first.out);
}

TEST(Jobs, that_kie_ai_fails_are_told_with_the_reason) {
    Daemon daemon({"--sandbox-faults", "faults.json"});
    std::ofstream(daemon.folder() / "faults.json")
        << R"([{"match":{"model":"google/imagen4"},"do":"fail_task","code":501,"msg":"the picture got lost"}])";
    ASSERT_TRUE(daemon.start());
    const auto failed = daemon.client({"submit", "google/imagen4", "prompt=x", "--wait"});
    EXPECT_EQ(failed.code, 1);
    EXPECT_THAT(failed.err, HasSubstr("generation_failed"));
}

TEST(Batch, goes_from_a_file_to_files_or_is_refused_whole) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto write = [&](const std::string& text) { std::ofstream(daemon.folder() / "jobs.json") << text; };
    write(R"([{"model":"google/imagen4","input":{"prompt":"oak"}},{"model":"google/imagen4","input":{}}])");
    const auto refused = daemon.client({"batch", "jobs.json"});
    EXPECT_EQ(refused.code, 3);
    EXPECT_THAT(refused.err, HasSubstr("/jobs/1/input/prompt"));
    write("{\"model\":\"google/imagen4\",\n");
    const auto broken = daemon.client({"batch", "jobs.json"});
    EXPECT_EQ(broken.code, 2);
    EXPECT_THAT(broken.err, HasSubstr("jobs.json: line 2"));
    EXPECT_EQ(daemon.client({"batch", "none.json"}).code, 2);
    const auto folder = daemon.client({"batch", daemon.folder().string()});
    EXPECT_EQ(folder.code, 2);
    EXPECT_THAT(folder.err, HasSubstr("is a folder"));
    write(R"({"jobs":[{"model":"google/imagen4","input":{"prompt":"oak"}}],"labels":[1]})");
    const auto labelled = daemon.client({"batch", "jobs.json", "--label", "a=b"});
    EXPECT_EQ(labelled.code, 2);
    EXPECT_THAT(labelled.err, HasSubstr("labels must be an object"));

    write(R"({"ref":"first","model":"google/imagen4","input":{"prompt":"oak"}}
             {"model":"recraft/crisp-upscale","input":{"image":"genqd:ref/first/outputs/0"}})");
    const auto done = daemon.client({"batch", "jobs.json", "--label", "tree=oak", "--wait", "--out", "trees"});
    ASSERT_EQ(done.code, 0) << done.err << daemon.process().err();
    EXPECT_EQ(files_in(daemon.folder() / "trees").size(), 2U);
    const auto list = boost::json::parse(daemon.client({"list", "--label", "tree=oak", "--json"}).out).as_object();
    ASSERT_EQ(list.at("jobs").as_array().size(), 2U);
    const std::string id(list.at("jobs").at(0).at("batch_id").as_string());
    EXPECT_THAT(daemon.client({"list", "--batch-id", id, "--json"}).out, HasSubstr("crisp-upscale"));

    write(
        R"([{"model":"google/imagen4","input":{"prompt":"[fail]"}},{"model":"google/imagen4","input":{"prompt":"elm"}}])");
    EXPECT_EQ(daemon.client({"batch", "jobs.json", "--wait"}).code, 1);
}

TEST(Chains, end_before_they_pay_for_a_file_that_the_next_model_does_not_take) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    std::ofstream(daemon.folder() / "jobs.json") << R"(
        {"ref":"picture","model":"google/imagen4","input":{"prompt":"oak"}}
        {"model":"luma/modify","input":{"prompt":"in oil","videoUrl":"genqd:ref/picture/outputs/0"}})";
    EXPECT_EQ(daemon.client({"batch", "jobs.json", "--wait"}).code, 1);
    const auto list = boost::json::parse(daemon.client({"list", "--status", "failed", "--json"}).out).as_object();
    ASSERT_EQ(list.at("jobs").as_array().size(), 1U);
    const auto& failed = list.at("jobs").at(0).as_object();
    EXPECT_EQ(failed.at("model").as_string(), "luma/modify");
    EXPECT_EQ(failed.at("error").at("code").as_string(), "upload_failed");
    EXPECT_THAT(std::string(failed.at("error").at("message").as_string()),
                AllOf(StartsWith("/input/videoUrl, output 0 of job "), HasSubstr("is a file of image/")));
    EXPECT_EQ(failed.at("billed").as_string(), "no");
    EXPECT_EQ(failed.at("upstream").at("attempts").as_int64(), 0);
}

TEST(Models, are_listed_and_shown) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    EXPECT_THAT(daemon.client({"models", "--ids"}).out, HasSubstr("google/imagen4\n"));
    EXPECT_THAT(daemon.client({"models", "--uses"}).out, HasSubstr("anime\n"));
    const auto table = daemon.client({"models", "--kind", "video"});
    EXPECT_THAT(table.out, StartsWith("MODEL"));
    EXPECT_THAT(table.out, HasSubstr("veo3_fast"));
    const auto one = daemon.client({"models", "google/imagen4", "--json"});
    ASSERT_EQ(one.code, 0) << one.err;
    EXPECT_EQ(boost::json::parse(one.out).as_object().at("id").as_string(), "google/imagen4");
    EXPECT_EQ(daemon.client({"models", "no/such-model"}).code, 3);
}

TEST(Models, of_an_operator_are_there_after_a_reload_and_a_broken_file_changes_nothing) {
    Daemon daemon;
    const auto models = daemon.folder() / "models";
    std::filesystem::create_directory(models);
    ASSERT_TRUE(daemon.start({{"GENQD_MODELS__DIR", models.string()}}));
    EXPECT_EQ(daemon.client({"models", "studio/portrait"}).code, 3);
    std::ofstream(models / "studio.json") << R"({"models": [{
        "id": "studio/portrait", "wire_id": "google/imagen4", "name": "Portrait", "family": "market", "kind": "image",
        "good_for": "Portraits in the house's style.", "uses": [{"use": "portrait", "title": "Portraits"}],
        "input": {"type": "object", "required": ["prompt"], "properties": {"prompt": {"type": "string"}}},
        "example": {"prompt": "a portrait"}}]})";
    ASSERT_TRUE(daemon.reload());
    EXPECT_THAT(daemon.client({"models", "studio/portrait"}).out, HasSubstr("Portraits in the house's style."));
    EXPECT_THAT(daemon.client({"models", "--use", "portrait", "--ids"}).out, StartsWith("studio/portrait"));
    const auto refused = daemon.client({"submit", "studio/portrait", "size=1"});
    EXPECT_EQ(refused.code, 3);
    EXPECT_THAT(refused.err, HasSubstr("/input/prompt"));
    const auto done = daemon.client({"submit", "studio/portrait", "prompt=Ada", "--wait"});
    EXPECT_EQ(done.code, 0) << done.err;

    std::ofstream(models / "studio.json") << R"({"models": [{"id": "studio/portrait", "family": "none"}]})";
    ASSERT_TRUE(daemon.reload());
    EXPECT_THAT(daemon.process().err(), HasSubstr("studio.json"));
    EXPECT_EQ(daemon.client({"models", "studio/portrait"}).code, 0);
}

TEST(Credits, come_from_the_sandbox) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto credits = daemon.client({"credits"});
    EXPECT_EQ(credits.code, 0) << credits.err;
    EXPECT_GT(std::stod(credits.out), 0);
}

}  // namespace
}  // namespace genq::test
