#include "common/http/url.hpp"

#include <gmock/gmock.h>

namespace genq::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(ParseUrl, takes_it_apart) {
    const auto url = parse_url("https://API.kie.ai/v1/x?y=%20z#part");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "api.kie.ai");
    EXPECT_EQ(url->port, 443);
    EXPECT_EQ(url->target, "/v1/x?y=%20z");
    EXPECT_EQ(url->authority(), "api.kie.ai");
    EXPECT_EQ(url->origin(), "https://api.kie.ai");
    const auto v6 = parse_url("http://[::1]:8080?q");
    ASSERT_TRUE(v6);
    EXPECT_EQ(v6->host, "::1");
    EXPECT_EQ(v6->target, "/?q");
    EXPECT_EQ(v6->authority(), "[::1]:8080");
}

TEST(ParseUrl, refuses_what_is_no_http_url) {
    for (const char* text :
         {"", "/x", "example.com", "ftp://x/", "http://", "http:///x", "http://u:p@x/", "http://x:0/",
          "http://x:65536/", "http://x y/", "http://x/\r\nA: b", "http://x%2fy/", "http://a%00b/"}) {
        const auto url = parse_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, errc::invalid_argument);
    }
}

TEST(ResolveReference, follows_rfc_3986) {
    EXPECT_EQ(resolve_reference("http://a/b/c?d", "e").value(), "http://a/b/e");
    EXPECT_EQ(resolve_reference("http://a/b/c?d", "/e?f").value(), "http://a/e?f");
    EXPECT_EQ(resolve_reference("https://a/b", "//x/y").value(), "https://x/y");
    EXPECT_EQ(resolve_reference("http://a/b", "https://x/").value(), "https://x/");
    EXPECT_FALSE(resolve_reference("http://a/b", "http://x y"));
}

TEST(PercentEncode, leaves_only_unreserved_characters) {
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode("a b/ä%"), "a%20b%2F%C3%A4%25");
    EXPECT_EQ(percent_decode(percent_encode("a b/ä%+")).value(), "a b/ä%+");
}

TEST(SplitTarget, cuts_the_path_as_sent) {
    EXPECT_THAT(split_target("/")->segments, IsEmpty());
    EXPECT_THAT(split_target("/v1/jobs")->segments, ElementsAre("v1", "jobs"));
    EXPECT_THAT(split_target("/v1/jobs/")->segments, ElementsAre("v1", "jobs", ""));
    EXPECT_THAT(split_target("//a")->segments, ElementsAre("", "a"));
    EXPECT_THAT(split_target("/models/google%2Fimagen4")->segments, ElementsAre("models", "google/imagen4"));
    EXPECT_THAT(split_target("/a+b%20c")->segments, ElementsAre("a+b c"));
    EXPECT_THAT(split_target("http://host:1/a?b")->segments, ElementsAre("a"));
    EXPECT_THAT(split_target("http://host")->segments, IsEmpty());
}

TEST(SplitTarget, removes_dot_segments) {
    EXPECT_THAT(split_target("/a/./b/../c")->segments, ElementsAre("a", "c"));
    EXPECT_THAT(split_target("/a/%2e%2E/b")->segments, ElementsAre("b"));
    EXPECT_THAT(split_target("/../../etc")->segments, ElementsAre("etc"));
    EXPECT_THAT(split_target("/a/..%2fb")->segments, ElementsAre("a", "../b"));
    EXPECT_THAT(split_target("/a/b/..")->segments, ElementsAre("a", ""));
}

TEST(SplitTarget, decodes_the_query) {
    const auto target = split_target("/x?a=1&b=x+y%20z&c&&a=%26=2");
    ASSERT_TRUE(target);
    EXPECT_THAT(target->query, ElementsAre(Pair("a", "1"), Pair("b", "x y z"), Pair("c", ""), Pair("a", "&=2")));
    EXPECT_EQ(target->find("a"), "1");
    EXPECT_FALSE(target->find("z"));
}

TEST(SplitTarget, refuses_broken_targets) {
    for (const char* text : {"", "*", "x", "/%", "/%4", "/%zz", "/%00", "/?a=%", "/?%gg=1"}) {
        EXPECT_FALSE(split_target(text)) << text;
    }
}

}  // namespace
}  // namespace genq::http
