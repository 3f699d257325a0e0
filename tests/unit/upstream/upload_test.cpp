#include <gmock/gmock.h>

#include "common/json/parse.hpp"
#include "server/upstream/uploads.hpp"

namespace genq::upstream {
namespace {

using ::testing::ElementsAre;
using Verdict = UploadOutcome::Verdict;

UploadOutcome read(int status, std::string body) {
    return classify_upload({http::ClientResponse{status, {}, std::move(body)}, http::Written::fully});
}

TEST(Upload, goes_by_size_and_reach) {
    using enum UploadWay;
    EXPECT_THAT(ways_for(1000, false), ElementsAre(base64, stream, guide_base64));
    EXPECT_THAT(ways_for(1000, true), ElementsAre(base64, stream, url, guide_base64, guide_url));
    EXPECT_THAT(ways_for(5 << 20, false), ElementsAre(stream, base64, guide_base64));
    EXPECT_THAT(ways_for(50 << 20, true), ElementsAre(stream, url, guide_url));
    EXPECT_THAT(ways_for(1ULL << 30U, true), ElementsAre(stream));
}

TEST(Upload, has_the_body_that_each_endpoint_wants) {
    const UploadFile file{"a.png", "image/png", 3};
    const auto base64 = *json::parse(upload_body(UploadWay::base64, file, "abc"));
    EXPECT_EQ(base64.at("base64Data").as_string(), "data:image/png;base64,YWJj");
    EXPECT_EQ(base64.at("uploadPath").as_string(), "genqd");
    EXPECT_EQ(base64.at("fileName").as_string(), "a.png");
    EXPECT_EQ(json::parse(upload_body(UploadWay::url, file, "https://us/1"))->at("fileUrl").as_string(),
              "https://us/1");
    EXPECT_EQ(upload_body(UploadWay::guide_base64, file, "abc"), R"({"base64":"YWJj","fileName":"a.png"})");
    EXPECT_EQ(upload_body(UploadWay::guide_url, file, "https://us/1"), R"({"url":"https://us/1"})");
    const auto frame = multipart_frame(file, "B");
    EXPECT_EQ(frame.content_type, "multipart/form-data; boundary=B");
    EXPECT_TRUE(frame.before.ends_with("filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"));
    EXPECT_EQ(frame.after, "\r\n--B--\r\n");
}

TEST(Upload, is_stored_where_the_answer_says) {
    const auto pages = read(
        200, R"({"success":true,"code":200,"msg":"ok","data":{"downloadUrl":"https://k/1","fileUrl":"https://k/2"}})");
    EXPECT_EQ(pages.verdict, Verdict::stored);
    EXPECT_EQ(pages.url, "https://k/1");
    EXPECT_EQ(read(200, R"({"code":200,"data":{"fileUrl":"https://k/2"}})").url, "https://k/2");
    EXPECT_EQ(read(200, R"({"code":200,"msg":"ok","data":{"fileUrl":"javascript:1"}})").verdict, Verdict::later);
}

TEST(Upload, says_what_to_do_about_every_refusal) {
    EXPECT_EQ(read(200, R"({"success":false,"code":400,"msg":"Missing"})").verdict, Verdict::refused);
    EXPECT_EQ(read(401, R"({"success":false,"code":401,"msg":"Invalid API Key"})").verdict, Verdict::auth);
    EXPECT_EQ(read(200, R"({"code":429,"msg":"slow down"})").verdict, Verdict::rate_limited);
    EXPECT_EQ(read(500, R"({"success":false,"code":500,"msg":"oops"})").verdict, Verdict::later);
    EXPECT_TRUE(read(500, R"({"success":false,"code":500,"msg":"oops"})").answered);
    EXPECT_EQ(read(502, "<html>").verdict, Verdict::later);
    EXPECT_FALSE(read(502, "<html>").answered);
    EXPECT_EQ(read(404, "<html>").verdict, Verdict::other_way);
    EXPECT_TRUE(read(404, "<html>").gone);
    const auto large = read(200, R"({"code":413,"msg":"too large"})");
    EXPECT_EQ(large.verdict, Verdict::other_way);
    EXPECT_FALSE(large.gone) << "others may fit";
    for (const auto* code : {"402", "408", "433", "455"}) {
        const auto put_off = read(200, R"({"success":false,"code":)" + std::string(code) + R"(,"msg":"not now"})");
        EXPECT_EQ(put_off.verdict, Verdict::later) << code;
        EXPECT_FALSE(put_off.answered) << code << " says nothing of the file, however often";
    }
    EXPECT_EQ(classify_upload({fail(errc::timeout, "no answer"), http::Written::fully}).verdict, Verdict::later);
}

}  // namespace
}  // namespace genq::upstream
