#include "server/sandbox/uploads.hpp"

#include <gtest/gtest.h>

#include "common/crypto/encoding.hpp"
#include "server/sandbox/media.hpp"
#include "server/sandbox/multipart.hpp"
#include "tests/unit/sandbox/rig.hpp"

namespace genq::sandbox::test {
namespace {

namespace json = boost::json;

std::string fetch(Rig& rig, const json::value& url) {
    const auto reply = rig.send("GET", Rig::target_of(url.as_string()));
    EXPECT_EQ(reply.response.status, 200);
    return body_of(reply);
}

TEST(Uploads, by_base64_can_be_fetched_again_for_three_days) {
    Rig rig;
    const auto picture = make_png(label_for("in", 0));
    const auto base64 = crypto::to_base64(crypto::bytes_of(picture));
    const auto answer =
        rig.post("/api/file-base64-upload", json::object{{"base64Data", "data:image/png;base64," + base64},
                                                         {"uploadPath", "images"},
                                                         {"fileName", "a.png"}});
    EXPECT_EQ(answer.at("success"), true);
    const auto& data = answer.at("data").as_object();
    EXPECT_EQ(data.at("fileName"), "a.png");
    EXPECT_EQ(data.at("mimeType"), "image/png");
    EXPECT_EQ(data.at("fileSize"), picture.size());
    EXPECT_EQ(fetch(rig, data.at("downloadUrl")), picture);
    rig.pass(72h);
    EXPECT_EQ(rig.send("GET", Rig::target_of(data.at("downloadUrl").as_string())).response.status, 404);
}

TEST(Uploads, by_stream_take_multipart) {
    Rig rig;
    auto request =
        rig.request("POST", "/api/file-stream-upload",
                    "--xyz\r\nContent-Disposition: form-data; name=\"uploadPath\"\r\n\r\ndocs\r\n"
                    "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../n;ote.txt\"\r\n"
                    "Content-Type: text/plain\r\n\r\nhello\r\n--x\r\n--xyz--\r\n");
    request.headers.set("Content-Type", "multipart/form-data; boundary=\"xyz\"");
    const auto answer = read(body_of(rig.service().handle(request, rig.now()))).as_object();
    ASSERT_EQ(code_of(answer), 200);
    EXPECT_EQ(answer.at("data").at("fileName"), "n_ote.txt");
    EXPECT_EQ(fetch(rig, answer.at("data").at("downloadUrl")), "hello\r\n--x");
    request.headers.set("Content-Type", "multipart/form-data");
    EXPECT_EQ(code_of(read(body_of(rig.service().handle(request, rig.now()))).as_object()), 400);
}

TEST(Uploads, by_url_ask_for_a_fetch_and_go_on_with_it) {
    Rig rig;
    const auto request =
        rig.request("POST", "/api/file-url-upload", R"({"fileUrl":"https://example.com/a.png","uploadPath":"images"})");
    EXPECT_EQ(rig.service().handle(request, rig.now()).fetch_url, "https://example.com/a.png");
    const auto failed = rig.service().resume(request, {}, rig.now());
    EXPECT_EQ(code_of(read(body_of(failed)).as_object()), 400);
    const auto good = rig.service().resume(request, {true, "text", "text/plain"}, rig.now());
    EXPECT_EQ(fetch(rig, read(body_of(good)).at("data").at("downloadUrl")), "text");
    EXPECT_EQ(rig.ledger().requests.at("POST /api/file-url-upload"), 1U);
}

TEST(Uploads, name_the_missing_parameter_as_the_documentation_does) {
    Rig rig;
    const auto answer = rig.post("/api/file-base64-upload", json::object{{"base64Data", "aGk="}});
    EXPECT_EQ(answer.at("success"), false);
    EXPECT_EQ(code_of(answer), 400);
    EXPECT_EQ(answer.at("msg"), "Missing required parameter: uploadPath");
    EXPECT_EQ(code_of(rig.post("/api/file-base64-upload", json::object{{"base64Data", "!"}, {"uploadPath", "a"}})),
              400);
}

TEST(Uploads, have_older_paths_too) {
    auto options = Rig::quick();
    options.seed_variants = true;
    Rig rig(options);
    const auto answer = rig.post("/api/v1/uploads/base64", json::object{{"base64", "aGk="}, {"fileName", "a.txt"}});
    EXPECT_EQ(fetch(rig, answer.at("data").at("fileUrl")), "hi");
}

TEST(UploadStore, replaces_a_file_of_the_same_path_and_drops_the_oldest_when_full) {
    UploadStore store(1h);
    const SteadyTime now{1h};
    store.put("a", "one", "text/plain", now);
    store.put("a", "two", "text/plain", now);
    EXPECT_EQ(store.find("a", now)->bytes, "two");
    for (const auto* name : {"b", "c", "d"}) store.put(name, std::string(100U << 20, 'x'), "text/plain", now);
    EXPECT_EQ(store.find("a", now), nullptr);
    EXPECT_EQ(store.find("b", now), nullptr);
    EXPECT_NE(store.find("c", now), nullptr);
    EXPECT_EQ(store.find("c", now + 1h), nullptr);
}

TEST(Multipart, refuses_what_is_broken) {
    const std::string type = "multipart/form-data; boundary=b";
    for (const auto* body : {"", "--b", "--b\r\n", "--b\r\n\r\nx", "--b\r\nA: b\r\n--b--", "x--b--"}) {
        EXPECT_FALSE(read_multipart(type, body).has_value()) << body;
    }
    EXPECT_TRUE(read_multipart(type, "--b--").has_value());
    EXPECT_FALSE(read_multipart("text/plain; boundary=b", "--b--").has_value());
    const auto parts = read_multipart(type, "preamble\r\n--b\r\n\r\nx\r\n--b--");
    ASSERT_TRUE(parts.has_value());
    ASSERT_EQ(parts->size(), 1U);
    EXPECT_EQ(parts->front().content, "x");
}

}  // namespace
}  // namespace genq::sandbox::test
