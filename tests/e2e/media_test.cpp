#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/http_user.hpp"

namespace genq::test {
namespace {

namespace json = boost::json;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr const char* no_tools = "FFmpeg is not installed";

bool has_tools() {
    return ::access("/usr/bin/ffmpeg", X_OK) == 0 && ::access("/usr/bin/ffprobe", X_OK) == 0;
}

/// The id of a job that has ended well.
std::string done(Daemon& daemon, const std::vector<std::string>& arguments) {
    std::vector<std::string> submit{"submit"};
    submit.insert(submit.end(), arguments.begin(), arguments.end());
    submit.emplace_back("--wait");
    const auto outcome = daemon.client(submit);
    EXPECT_EQ(outcome.code, 0) << outcome.err << daemon.process().err();
    return outcome.out.substr(0, outcome.out.find(' '));
}

/// `media` of a job's first output once anything is known of it; each look waits for the job's next version.
json::value facts(Daemon& daemon, HttpUser& http, const std::string& id) {
    std::string etag = "\"none yet\"";
    for (int version = 0; version < 20; ++version) {
        http::ClientRequest request{"GET", daemon.url() + "/v1/jobs/" + id + "?wait=60"};
        request.headers.set("If-None-Match", etag);
        const auto answer = http.send(std::move(request), std::chrono::seconds(90));
        if (!answer || answer->status != 200) break;
        etag = answer->headers.get("ETag");
        const auto job = json::parse(answer->body);
        const auto& media = job.at("outputs").at(0).at("media");
        if (!media.at("codec").is_null()) return media;
    }
    ADD_FAILURE() << "nothing became known of the output of " << id << daemon.process().err();
    return {};
}

TEST(Media, is_known_soon_after_its_job_has_succeeded) {
    if (!has_tools()) GTEST_SKIP() << no_tools;
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    HttpUser http;
    EXPECT_EQ(facts(daemon, http, done(daemon, {"google/imagen4", "prompt=a fox"})),
              json::parse(R"({"width":256,"height":160,"duration_s":null,"codec":"png"})"));
    const auto film = done(daemon, {"veo3_fast", "prompt=a fox"});
    EXPECT_EQ(facts(daemon, http, film), json::parse(R"({"width":160,"height":96,"duration_s":2.0,"codec":"h264"})"));

    const auto small = http.get(daemon.url() + "/v1/jobs/" + film + "/outputs/0/thumbnail?w=64");
    ASSERT_TRUE(small);
    EXPECT_EQ(small->status, 200) << small->body;
    EXPECT_EQ(small->headers.get("Content-Type"), "image/webp");
    EXPECT_EQ(small->body.substr(8, 4), "WEBP");
    const auto sound = done(daemon, {"suno/V5", "prompt=a shanty", "customMode:=false", "instrumental:=true"});
    const auto none = http.get(daemon.url() + "/v1/jobs/" + sound + "/outputs/0/thumbnail");
    ASSERT_TRUE(none);
    EXPECT_EQ(none->status, 404);
    EXPECT_THAT(none->body, HasSubstr("audio/mpeg has no picture"));
}

TEST(Media, is_looked_into_by_the_next_daemon_where_the_last_one_did_not) {
    if (!has_tools()) GTEST_SKIP() << no_tools;
    Daemon daemon;
    ASSERT_TRUE(daemon.start({{"PATH", "/nonexistent"}}));
    const auto id = done(daemon, {"google/imagen4", "prompt=a fox"});
    EXPECT_THAT(daemon.process().err(), HasSubstr("no media facts and no thumbnails"));
    HttpUser http;
    const auto none = http.get(daemon.url() + "/v1/jobs/" + id + "/outputs/0/thumbnail");
    ASSERT_TRUE(none);
    EXPECT_EQ(none->status, 404);
    EXPECT_THAT(none->body, HasSubstr("package ffmpeg"));
    daemon.process().signal(9);
    ASSERT_TRUE(daemon.process().wait());
    ASSERT_TRUE(daemon.start());
    EXPECT_EQ(facts(daemon, http, id).at("codec").as_string(), "png");
}

TEST(Media, whose_reader_is_killed_or_lies_changes_nothing_of_its_job) {
    Daemon daemon;
    const auto tools = daemon.folder() / "tools";
    std::filesystem::create_directory(tools);
    for (const char* name : {"ffprobe", "ffmpeg"}) {
        std::ofstream(tools / name) << R"(#!/bin/sh
case "$*" in
    *png_pipe*) kill -9 $$ ;;
    *mp3*) echo '{"streams":[{"codec_type":"video","codec_name":"h264","width":-1,"height":1}]}' ;;
    *mov*) echo '{"streams":[{"codec_type":"video","codec_name":"h264","width":2,"height":1}]}' ;;
esac)";
        std::filesystem::permissions(tools / name, std::filesystem::perms::owner_all);
    }
    ASSERT_TRUE(daemon.start({{"PATH", tools.string()}}));
    const auto picture = done(daemon, {"google/imagen4", "prompt=a fox"});
    const auto sound = done(daemon, {"suno/V5", "prompt=a shanty", "customMode:=false", "instrumental:=true"});
    // One after the other, the newest first: when the second film's are known, those of all before were looked for.
    HttpUser http;
    for (int film = 0; film < 2; ++film) {
        EXPECT_EQ(facts(daemon, http, done(daemon, {"veo3_fast", "prompt=a fox"})).at("width").as_int64(), 2);
    }
    for (const auto& id : {picture, sound}) {
        const auto job = json::parse(daemon.client({"status", id, "--json"}).out);
        EXPECT_EQ(job.at("status").as_string(), "succeeded");
        EXPECT_EQ(job.at("outputs").at(0).at("media"),
                  json::parse(R"({"width":null,"height":null,"duration_s":null,"codec":null})"));
        EXPECT_THAT(daemon.process().err(),
                    ContainsRegex("say nothing of themselves.*" + id + ".*" +
                                  (id == picture ? "was ended by signal 9" : "nothing that can be true")));
    }
    const auto none = http.get(daemon.url() + "/v1/jobs/" + picture + "/outputs/0/thumbnail");
    ASSERT_TRUE(none);
    EXPECT_EQ(none->status, 404);
}

TEST(Media, is_left_alone_when_the_configuration_says_so) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start({{"GENQD_MEDIA__TOOLS", "off"}}));
    const auto id = done(daemon, {"google/imagen4", "prompt=a fox"});
    EXPECT_THAT(daemon.process().err(), HasSubstr("media.tools is off"));
    const auto status = daemon.client({"status", id, "--json"});
    EXPECT_EQ(json::parse(status.out).at("outputs").at(0).at("media"),
              json::parse(R"({"width":null,"height":null,"duration_s":null,"codec":null})"));
}

}  // namespace
}  // namespace genq::test
