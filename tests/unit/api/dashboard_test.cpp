#include "server/dashboard/assets.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

const std::string versioned = "/assets/main.js?v=" + std::string(dashboard::assets_version());

std::string body_of(const http::Response& response) {
    return std::get<std::string>(response.body);
}

TEST_F(ApiTest, gives_the_dashboard_to_everybody_with_a_strict_policy) {
    const auto page = get("/");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.headers.get("Cache-Control"), "no-cache");
    EXPECT_EQ(page.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(page.headers.get("Referrer-Policy"), "no-referrer");
    const std::string policy(page.headers.get("Content-Security-Policy"));
    EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';")) << policy;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_NE(body_of(page).find(versioned), std::string::npos);
    EXPECT_EQ(code_of(get("/assets/none.js")), "not_found");
}

TEST_F(ApiTest, gives_the_reference_to_everybody_under_the_same_policy) {
    const auto page = get("/reference");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.headers.get("Content-Security-Policy"), get("/").headers.get("Content-Security-Policy"));
    EXPECT_NE(body_of(page).find("/assets/reference.js?v=" + std::string(dashboard::assets_version())),
              std::string::npos);
}

TEST_F(ApiTest, packs_its_own_description_too_and_tells_who_has_it) {
    const auto plain = get("/openapi.json");
    EXPECT_EQ(plain.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(plain.headers.get("Vary"), "Accept-Encoding");
    EXPECT_TRUE(body_of(plain).starts_with("{"));
    const auto packed = get("/openapi.json", {{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
    EXPECT_TRUE(body_of(packed).starts_with("\x1f\x8b"));
    EXPECT_LT(body_of(packed).size() * 4, body_of(plain).size());
    const auto again = get("/openapi.json", {{"If-None-Match", std::string(plain.headers.get("ETag"))}});
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(body_of(again), "");
}

TEST_F(ApiTest, lets_only_an_asset_whose_address_has_its_digest_be_kept) {
    EXPECT_EQ(get(versioned).headers.get("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(get("/assets/main.js").headers.get("Cache-Control"), "no-cache");
    EXPECT_EQ(get("/assets/main.js?v=other").headers.get("Cache-Control"), "no-cache");
}

TEST_F(ApiTest, packs_an_asset_for_those_who_accept_that) {
    for (const std::string accepted : {"gzip", "br, gzip;q=0.5", "deflate,*"}) {
        const auto packed = get("/assets/main.js", {{"Accept-Encoding", accepted}});
        EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip") << accepted;
        EXPECT_TRUE(body_of(packed).starts_with("\x1f\x8b"));
    }
    for (const std::string accepted : {"", "br", "gzip;q=0", "identity"}) {
        const auto plain = get("/assets/main.js", {{"Accept-Encoding", accepted}});
        EXPECT_FALSE(plain.headers.has("Content-Encoding")) << accepted;
        EXPECT_NE(body_of(plain).find("import"), std::string::npos);
    }
}

TEST_F(ApiTest, tells_who_has_an_asset_that_it_is_unchanged) {
    const std::string etag(get("/assets/main.js").headers.get("ETag"));
    const std::string packed(get("/assets/main.js", {{"Accept-Encoding", "gzip"}}).headers.get("ETag"));
    EXPECT_NE(etag, packed);
    const auto again = get("/assets/main.js", {{"If-None-Match", etag}});
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(body_of(again), "");
    EXPECT_EQ(get("/assets/main.js", {{"If-None-Match", packed}}).status, 200);
}

}  // namespace
}  // namespace genq::api::test
