#include "server/api/signed_url.hpp"

#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"
#include "common/crypto/sha256.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

const std::string picture = std::string("\x89PNG\r\n\x1a\n", 8) + "0123456789";

class SignedUrlTest : public ApiTest {
  protected:
    SignedUrlTest() : id_(submit()) { digest_ = make_succeeded(id_, picture, "image/png", "sunset über.png"); }

    [[nodiscard]] std::string signed_url(const std::string& query) {
        const auto job = json_of(get("/v1/jobs/" + id_ + query));
        return std::string(job.at("outputs").at(0).at("signed_url").as_string());
    }
    [[nodiscard]] static std::string path_of(const std::string& url) { return url.substr(url.find("/v1/")); }

    std::string id_;
    Digest digest_;
};

TEST_F(SignedUrlTest, is_what_the_document_says) {
    const auto url = signed_url("?sign=60");
    const auto exp = std::to_string(clock_.wall_now().time_since_epoch() / std::chrono::seconds(1) + 60);
    const std::string path = "/v1/blobs/" + digest_.hex() + "/sunset%20%C3%BCber.png";
    const auto sig = crypto::to_base64url(crypto::hmac_sha256("a key of the test's", path + "\n" + exp));
    EXPECT_EQ(url, "http://127.0.0.1:8080" + path + "?exp=" + exp + "&sig=" + sig);
}

TEST_F(SignedUrlTest, begins_with_the_public_url_if_there_is_one) {
    restart({.public_url = "https://queue.example/q/", .min_free_bytes = 0});
    EXPECT_TRUE(signed_url("?sign=60").starts_with("https://queue.example/q/v1/blobs/"));
}

TEST_F(SignedUrlTest, opens_its_blob_without_a_token) {
    const auto url = path_of(signed_url("?sign=60"));
    use_tokens({{.name = "a", .sha256 = std::string(64, 'a'), .scopes = {Scope::read}}});
    const auto response = get(url);
    ASSERT_EQ(response.status, 200);
    EXPECT_EQ(std::get<http::FileBody>(response.body).length, picture.size());
    EXPECT_EQ(response.headers.get("Content-Type"), "image/png");
    EXPECT_TRUE(response.headers.get("Content-Disposition").starts_with("inline; filename=\"sunset __ber.png\""));
    EXPECT_EQ(response.headers.get("ETag"), '"' + digest_.hex() + '"');
    EXPECT_EQ(send("HEAD", url).status, 200);
    EXPECT_EQ(get(url, {{"Range", "bytes=0-3"}}).status, 206);
    EXPECT_EQ(code_of(get("/v1/blobs/" + digest_.hex())), "unauthorized");
    EXPECT_EQ(code_of(send("POST", url)), "method_not_allowed");
}

TEST_F(SignedUrlTest, is_refused_when_anything_of_it_was_changed_or_it_has_expired) {
    const auto url = path_of(signed_url("?sign=60"));
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"sunset", "sunrise"}, {"sig=", "sig=A"}, {"exp=", "exp=9"}, {"exp=", "expires="}, {"&sig=", "&s="}}) {
        auto changed = url;
        changed.replace(changed.find(from), from.size(), to);
        EXPECT_EQ(code_of(get(changed)), "forbidden") << changed;
    }
    EXPECT_EQ(code_of(get("/v1/blobs/x/y.png?exp=1&sig=2")), "forbidden");
    clock_.advance(io_, std::chrono::seconds(59));
    EXPECT_EQ(get(url).status, 200);
    clock_.advance(io_, std::chrono::seconds(1));
    EXPECT_EQ(code_of(get(url)), "forbidden");
}

TEST_F(SignedUrlTest, holds_while_its_key_is_one_of_two_and_not_after) {
    const auto url = path_of(signed_url("?sign=60"));
    url_keys_ = std::make_shared<UrlKeys>(std::vector<std::string>{"new", "a key of the test's"});
    EXPECT_EQ(get(url).status, 200);
    const auto newer = path_of(signed_url("?sign=60"));
    EXPECT_NE(newer, url);
    url_keys_ = std::make_shared<UrlKeys>(std::vector<std::string>{"newest", "new"});
    EXPECT_EQ(get(newer).status, 200);
    EXPECT_EQ(code_of(get(url)), "forbidden");
}

TEST_F(SignedUrlTest, lasts_a_second_to_a_week) {
    for (const char* bad : {"0", "604801", "-1", "x", ""}) {
        EXPECT_EQ(pointers_of(get("/v1/jobs/" + id_ + "?sign=" + bad)), std::vector<std::string>{"?sign"}) << bad;
    }
    EXPECT_EQ(get("/v1/jobs/" + id_ + "?sign=604800").status, 200);
    EXPECT_FALSE(json_of(get("/v1/jobs/" + id_)).at("outputs").at(0).as_object().contains("signed_url"));
}

TEST_F(SignedUrlTest, is_renewed_for_who_knows_the_version) {
    const auto etag = std::string(get("/v1/jobs/" + id_).headers.get("ETag"));
    EXPECT_EQ(get("/v1/jobs/" + id_, {{"If-None-Match", etag}}).status, 304);
    EXPECT_EQ(get("/v1/jobs/" + id_ + "?sign=60", {{"If-None-Match", etag}}).status, 200);
}

TEST_F(SignedUrlTest, is_known_again_as_a_reference_to_its_blob) {
    const auto url = signed_url("?sign=60");
    for (const auto* base : {"", "http://127.0.0.1:8080"}) {
        const auto own = read_own_url(*url_keys_, base, url);
        ASSERT_TRUE(own) << base;
        EXPECT_EQ(own->digest, digest_);
    }
    EXPECT_FALSE(read_own_url(*url_keys_, "https://queue.example", url));
    EXPECT_FALSE(read_own_url({{"another"}}, "", url));
    for (const std::string text : {"", "genqd:blob/x", "http://", "http://host", "http://host/v1/blobs/x/y?exp=1&sig=z",
                                   "https://host/a/b/c/d?exp=1&sig=2"}) {
        EXPECT_FALSE(read_own_url(*url_keys_, "", text)) << text;
    }
}

TEST_F(SignedUrlTest, stands_in_an_input_for_its_blob_also_when_it_has_expired) {
    const auto url = signed_url("?sign=60");
    const std::string body = R"({"model":"google/imagen4","input":{"prompt":"x","images":[")" + url + R"("]}})";
    for (int i = 0; i < 2; ++i) {
        const auto response = post("/v1/jobs", body);
        ASSERT_EQ(response.status, 202);
        EXPECT_EQ(json_of(response).at("input").at("images").at(0).as_string(), "genqd:blob/" + digest_.hex());
        clock_.advance(io_, std::chrono::hours(1));
    }
    EXPECT_EQ(code_of(get(path_of(url))), "forbidden") << "which is no less expired";
    use_tokens({{"eve", crypto::sha256_hex("eve"), {Scope::submit}}});
    const auto refused = post("/v1/jobs", body, {{"Authorization", "Bearer eve"}});
    EXPECT_EQ(refused.status, 422) << "who may not refer to the blob may not so do it by an old URL";
}

}  // namespace
}  // namespace genq::api::test
