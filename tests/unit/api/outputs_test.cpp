#include <unistd.h>

#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

const std::string png = std::string("\x89PNG\r\n\x1a\n", 8) + "0123456789";

// The bytes that an answer sends out of a file.
std::string bytes_of(const http::Response& response) {
    const auto* file = std::get_if<http::FileBody>(&response.body);
    if (file == nullptr) return "";
    std::string bytes(file->length, '\0');
    const auto got = ::pread(file->file->fd(), bytes.data(), bytes.size(), static_cast<off_t>(file->offset));
    EXPECT_EQ(static_cast<std::uint64_t>(got), file->length);
    return bytes;
}

class OutputsTest : public ApiTest {
  protected:
    OutputsTest() : id_(submit()) { digest_ = make_succeeded(id_, png, "image/png", "sunset.png").hex(); }
    [[nodiscard]] std::string target() const { return "/v1/jobs/" + id_ + "/outputs/0"; }
    std::string id_;
    std::string digest_;
};

TEST_F(OutputsTest, are_listed_by_their_job) {
    const auto job = json_of(get("/v1/jobs/" + id_));
    EXPECT_EQ(job.at("status").as_string(), "succeeded");
    EXPECT_EQ(job.at("credits").to_number<double>(), 4.0);
    const auto& output = job.at("outputs").at(0);
    EXPECT_EQ(output.at("url").as_string(), target());
    EXPECT_EQ(output.at("sha256").as_string(), digest_);
    EXPECT_EQ(output.at("bytes").as_int64(), 18);
    EXPECT_EQ(output.at("media_type").as_string(), "image/png");
    EXPECT_EQ(output.at("filename").as_string(), "sunset.png");
    EXPECT_EQ(output.at("role").as_string(), "image");
    EXPECT_EQ(json_of(get("/v1/jobs/" + id_ + "/outputs")).at("outputs"), job.at("outputs"));
}

TEST_F(OutputsTest, come_with_all_their_headers) {
    const auto response = get(target());
    ASSERT_EQ(response.status, 200);
    EXPECT_EQ(bytes_of(response), png);
    EXPECT_EQ(response.headers.get("Content-Type"), "image/png");
    EXPECT_EQ(response.headers.get("ETag"), '"' + digest_ + '"');
    EXPECT_EQ(response.headers.get("Accept-Ranges"), "bytes");
    EXPECT_EQ(response.headers.get("Cache-Control"), "private, max-age=31536000, immutable");
    EXPECT_EQ(response.headers.get("Content-Disposition"), "inline; filename=\"sunset.png\"");
    EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_TRUE(response.headers.get("Content-Security-Policy").starts_with("sandbox"));
    EXPECT_TRUE(response.headers.get("Repr-Digest").starts_with("sha-256=:"));
    EXPECT_EQ(response.headers.get("Repr-Digest").size(), 9U + 44U + 1U);
}

TEST_F(OutputsTest, are_cut_to_one_range) {
    const std::vector<std::tuple<std::string, std::string, std::string>> rows{
        {"bytes=8-11", "0123", "bytes 8-11/18"},
        {"bytes=15-", "789", "bytes 15-17/18"},
        {"bytes=-2", "89", "bytes 16-17/18"},
        {"bytes=16-999", "89", "bytes 16-17/18"},
    };
    for (const auto& [range, bytes, content_range] : rows) {
        const auto response = get(target(), {{"Range", range}});
        EXPECT_EQ(response.status, 206) << range;
        EXPECT_EQ(bytes_of(response), bytes) << range;
        EXPECT_EQ(response.headers.get("Content-Range"), content_range);
    }
    for (const std::string range : {"bytes=0-1,4-5", "items=0-1", "bytes=x-", "bytes=5-4"}) {
        EXPECT_EQ(get(target(), {{"Range", range}}).status, 200) << range;
    }
    EXPECT_EQ(send("HEAD", target(), {{"Range", "bytes=0-1"}}).status, 200);
}

TEST_F(OutputsTest, refuse_a_range_outside) {
    for (const std::string range : {"bytes=18-", "bytes=99-100", "bytes=-0", "bytes=99999999999999999999999-"}) {
        const auto response = get(target(), {{"Range", range}});
        EXPECT_EQ(response.status, 416) << range;
        EXPECT_EQ(code_of(response), "range_not_satisfiable");
        EXPECT_EQ(response.headers.get("Content-Range"), "bytes */18");
    }
}

TEST_F(OutputsTest, give_a_range_only_if_it_is_of_the_same_bytes) {
    const http::Fields range{{"Range", "bytes=0-1"}};
    auto same = range;
    same.add("If-Range", '"' + digest_ + '"');
    EXPECT_EQ(get(target(), same).status, 206);
    for (const std::string other : {"\"x\"", "Sun, 22 Nov 2026 19:00:00 GMT", "W/\"x\""}) {
        auto fields = range;
        fields.add("If-Range", other);
        EXPECT_EQ(get(target(), fields).status, 200);
    }
}

TEST_F(OutputsTest, are_not_sent_to_who_has_them) {
    const auto response = get(target(), {{"If-None-Match", '"' + digest_ + '"'}, {"Range", "bytes=0-1"}});
    EXPECT_EQ(response.status, 304);
    EXPECT_EQ(response.headers.get("ETag"), '"' + digest_ + '"');
    EXPECT_TRUE(bytes_of(response).empty());
}

TEST_F(OutputsTest, that_are_not_there_are_404) {
    for (const std::string path : {"/1", "/-1", "/x", "/00", "/+0", "/%2B0", "/-0", "/0x0", "/"}) {
        EXPECT_EQ(get("/v1/jobs/" + id_ + "/outputs" + path).status, 404) << path;
    }
    EXPECT_EQ(get("/v1/jobs/" + submit() + "/outputs/0").status, 404);
}

TEST_F(OutputsTest, are_blobs_too) {
    const auto response = get("/v1/blobs/" + digest_);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(bytes_of(response), png);
    EXPECT_EQ(response.headers.get("Content-Type"), "image/png");
    EXPECT_FALSE(response.headers.has("Content-Disposition"));
    EXPECT_EQ(get("/v1/blobs/" + digest_, {{"Range", "bytes=1-3"}}).status, 206);
    for (const auto& digest :
         {std::string(64, '0'), std::string("x"), std::string(64, 'G'), std::string("..%2f..%2fetc")}) {
        EXPECT_EQ(get("/v1/blobs/" + digest).status, 404) << digest;
    }
}

TEST_F(ApiTest, never_serves_markup_as_such_and_keeps_names_harmless) {
    const auto id = submit();
    make_succeeded(id, "<html><script>alert(1)</script>", "text/html", "a\"b\\\xc3\xbc.html");
    const auto response = get("/v1/jobs/" + id + "/outputs/0");
    EXPECT_EQ(response.headers.get("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(response.headers.get("Content-Disposition"),
              "attachment; filename=\"a_b___.html\"; filename*=UTF-8''a%22b%5C%C3%BC.html");
}

TEST_F(OutputsTest, are_sent_only_if_they_are_what_the_caller_means) {
    for (const std::string& path : {target(), "/v1/blobs/" + digest_}) {
        for (const std::string& match : {'"' + digest_ + '"', std::string("*"), "\"x\", \"" + digest_ + '"'}) {
            EXPECT_EQ(get(path, {{"If-Match", match}}).status, 200) << match;
        }
        for (const std::string& match : {std::string("\"x\""), "W/\"" + digest_ + '"', std::string()}) {
            const auto refused = get(path, {{"If-Match", match}, {"If-None-Match", "*"}});
            EXPECT_EQ(refused.status, 412) << match;
            EXPECT_EQ(code_of(refused), "precondition_failed");
            EXPECT_EQ(refused.headers.get("ETag"), '"' + digest_ + '"');
            EXPECT_EQ(send("HEAD", path, {{"If-Match", match}}).status, 412);
        }
        // Without a modification date these two are to be ignored.
        const std::string past = "Sun, 06 Nov 1994 08:49:37 GMT";
        const std::string future = "Fri, 31 Dec 2060 23:59:59 GMT";
        EXPECT_EQ(get(path, {{"If-Modified-Since", future}}).status, 200);
        EXPECT_EQ(get(path, {{"If-Unmodified-Since", past}}).status, 200);
    }
}

TEST_F(OutputsTest, have_their_media_type_as_blobs_too) {
    EXPECT_EQ(get("/v1/blobs/" + digest_).headers.get("Content-Type"), "image/png");
}

}  // namespace
}  // namespace genq::api::test
