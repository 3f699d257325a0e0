#include "common/crypto/sha256.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

class ThumbnailsTest : public ApiTest {
  protected:
    ThumbnailsTest() : id_(submit()) { digest_ = make_succeeded(id_, "bytes", "image/png", "sunset.png").hex(); }
    [[nodiscard]] std::string target(const std::string& query = "") const {
        return "/v1/jobs/" + id_ + "/outputs/0/thumbnail" + query;
    }
    std::string id_;
    std::string digest_;
};

TEST_F(ThumbnailsTest, come_with_all_their_headers) {
    const auto response = get(target());
    ASSERT_EQ(response.status, 200);
    EXPECT_EQ(text_of(response), digest_ + " image/png 320");
    EXPECT_EQ(response.headers.get("Content-Type"), "image/webp");
    EXPECT_EQ(response.headers.get("ETag"), '"' + digest_ + "-320\"");
    EXPECT_EQ(response.headers.get("Cache-Control"), "private, max-age=31536000, immutable");
    EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(text_of(get(target("?w=16"))), digest_ + " image/png 16");
    EXPECT_EQ(get(target("?w=2048")).status, 200);
}

TEST_F(ThumbnailsTest, are_not_made_for_who_has_them) {
    EXPECT_EQ(get(target("?w=64"), {{"If-None-Match", '"' + digest_ + "-64\""}}).status, 304);
    EXPECT_EQ(thumbnails_.made, 0);
    EXPECT_EQ(get(target("?w=65"), {{"If-None-Match", '"' + digest_ + "-64\""}}).status, 200);
}

TEST_F(ThumbnailsTest, of_other_widths_are_refused) {
    for (const char* query : {"?w=15", "?w=2049", "?w=", "?w=x", "?w=64&w=64", "?h=64"}) {
        const auto response = get(target(query));
        EXPECT_EQ(response.status, 422) << query;
        EXPECT_EQ(code_of(response), "validation_failed") << query;
    }
    EXPECT_EQ(thumbnails_.made, 0);
}

TEST_F(ThumbnailsTest, that_there_are_not_are_404_with_the_reason) {
    EXPECT_EQ(get("/v1/jobs/" + id_ + "/outputs/1/thumbnail").status, 404);
    EXPECT_EQ(get("/v1/jobs/" + id_ + "/outputs/00/thumbnail").status, 404);
    EXPECT_EQ(get("/v1/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/outputs/0/thumbnail").status, 404);
    thumbnails_.fails = Error{errc::unsupported, "install the package ffmpeg"};
    const auto missing = get(target());
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(json_of(missing).at("detail").as_string(), "there is no thumbnail: install the package ffmpeg");
    EXPECT_FALSE(missing.headers.has("Cache-Control")) << "it may be installed tomorrow";
    for (const errc code : {errc::malformed, errc::timeout, errc::too_large}) {
        thumbnails_.fails = Error{code, "/usr/bin/ffmpeg ended with code 1"};
        const auto response = get(target());
        EXPECT_EQ(code_of(response), "not_found");
        EXPECT_EQ(text_of(response).find("/usr"), std::string::npos);
    }
}

TEST_F(ThumbnailsTest, that_cant_be_made_now_are_worth_another_try) {
    thumbnails_.fails = Error{errc::busy, "too many thumbnails are being made"};
    const auto busy = get(target());
    EXPECT_EQ(code_of(busy), "overloaded");
    EXPECT_TRUE(busy.headers.has("Retry-After"));
    thumbnails_.fails = Error{errc::corrupt, "secret/path"};
    const auto damaged = get(target());
    EXPECT_EQ(damaged.status, 500);
    EXPECT_EQ(text_of(damaged).find("secret"), std::string::npos);
}

TEST_F(ThumbnailsTest, need_the_jobs_own_token_or_one_that_may_read) {
    use_tokens({{.name = "bob", .sha256 = crypto::sha256_hex("bob-secret"), .scopes = {Scope::submit}}});
    EXPECT_EQ(get(target()).status, 401);
    EXPECT_EQ(get(target(), {{"Authorization", "Bearer bob-secret"}}).status, 404) << "it is somebody else's job";
}

}  // namespace
}  // namespace genq::api::test
