#include "server/sandbox/media_server.hpp"

#include <gtest/gtest.h>

#include "tests/unit/sandbox/rig.hpp"

namespace genq::sandbox::test {
namespace {

/// A rig with one finished picture.
struct Picture {
    explicit Picture(Options options = Rig::quick()) : rig(std::move(options)) {
        id = rig.create("/api/v1/jobs/createTask", R"({"model":"z-image","input":{"prompt":"a"}})");
        rig.pass(10s);
        refresh();
    }
    void refresh() {
        const auto data = rig.get("/api/v1/jobs/recordInfo?taskId=" + id).at("data").as_object();
        url = std::string(read(data.at("resultJson").as_string()).at("resultUrls").at(0).as_string());
        target = Rig::target_of(url);
    }
    http::Response get(http::Fields extra = {}) {
        auto request = rig.request("GET", target);
        for (const auto& [name, value] : extra) request.headers.set(name, value);
        return rig.service().handle(request, rig.now()).response;
    }
    Rig rig;
    std::string id;
    std::string url;
    std::string target;
};

std::string bytes_of(const http::Response& response) {
    return std::get<std::string>(response.body);
}

TEST(MediaServer, serves_ranges_and_conditions) {
    Picture picture;
    const auto whole = picture.get();
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.headers.get("Content-Type"), "image/png");
    EXPECT_EQ(whole.headers.get("Accept-Ranges"), "bytes");
    const auto etag = std::string(whole.headers.get("ETag"));
    const auto size = bytes_of(whole).size();

    const auto rest = picture.get({{"Range", "bytes=100-"}, {"If-Range", etag}});
    EXPECT_EQ(rest.status, 206);
    EXPECT_EQ(bytes_of(rest), bytes_of(whole).substr(100));
    EXPECT_EQ(rest.headers.get("Content-Range"), "bytes 100-" + std::to_string(size - 1) + "/" + std::to_string(size));
    EXPECT_EQ(picture.get({{"Range", "bytes=100-"}, {"If-Range", "\"other\""}}).status, 200);
    EXPECT_EQ(picture.get({{"Range", "bytes=99999999-"}}).status, 416);
    EXPECT_EQ(picture.get({{"If-None-Match", etag}}).status, 304);
}

TEST(MediaServer, links_expire_and_a_new_poll_gives_a_fresh_one) {
    auto options = Rig::quick();
    options.time_scale = 2;
    Picture picture(options);
    picture.rig.pass(12h - 1s);
    EXPECT_EQ(picture.get().status, 200);
    picture.rig.pass(1s);
    EXPECT_EQ(picture.get().status, 403);
    picture.refresh();
    EXPECT_EQ(picture.get().status, 200);
}

TEST(MediaServer, believes_its_own_signature_only) {
    Picture picture;
    const auto good = picture.target;
    picture.target = good.substr(0, good.size() - 1) + (good.back() == '0' ? "1" : "0");
    EXPECT_EQ(picture.get().status, 403);
    picture.target = good.substr(0, good.find('?'));
    EXPECT_EQ(picture.get().status, 403);
    picture.target = "/media/" + picture.id + "/0.jpeg";
    EXPECT_EQ(picture.get().status, 404);
    picture.target = "/media/" + picture.id + "/7.png";
    EXPECT_EQ(picture.get().status, 404);
}

TEST(MediaServer, gives_download_links_for_its_own_urls) {
    Picture picture;
    const auto answer = picture.rig.post("/api/v1/common/download-url", boost::json::object{{"url", picture.url}});
    ASSERT_EQ(code_of(answer), 200);
    picture.target = Rig::target_of(answer.at("data").as_string());
    picture.rig.pass(19min);
    EXPECT_EQ(picture.get().status, 200);
    picture.rig.pass(1min);
    EXPECT_EQ(picture.get().status, 403);
}

TEST(MediaServer, reads_places_out_of_urls) {
    const auto place = media_place("http://box/media/task_1/3.png?exp=1");
    ASSERT_TRUE(place.has_value());
    EXPECT_EQ(place->task, "task_1");
    EXPECT_EQ(place->index, 3U);
    for (const auto* bad :
         {"", "/media/", "/media/a", "/media/a/b.png", "/media/a/.png", "/media/a.b/1", "/files/a/1.png"}) {
        EXPECT_FALSE(media_place(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace genq::sandbox::test
