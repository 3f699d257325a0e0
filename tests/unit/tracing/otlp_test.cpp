#include "server/tracing/otlp.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace genq::tracing::test {
namespace {

using namespace std::chrono_literals;

Span span_named(std::string name) {
    Span span;
    span.trace_id = std::string(32, 'a');
    span.span_id = std::string(16, 'b');
    span.name = std::move(name);
    span.start = WallTime(1'795'000'000'123ms);
    span.end = WallTime(1'795'000'001'000ms);
    return span;
}

// Names, forms and numbers: opentelemetry-proto's trace.proto, and "JSON Protobuf Encoding" of the OTLP specification.
TEST(Otlp, is_written_as_its_json_mapping_has_it) {
    Span root = span_named("job a \"quoted\" model");
    root.parent_id = std::string(16, 'c');
    root.remote_parent = true;
    root.trace_state = "congo=t61";
    root.kind = SpanKind::consumer;
    root.attributes = {{"text", "x"}, {"whole", std::int64_t{1} << 60}, {"real", 4.5}};
    root.links = {{std::string(32, 'd'), std::string(16, 'e'), {{"job", "x"}}}};
    root.failed = true;
    root.error = "rejected";
    const Spans other{span_named("other")};
    const auto body = encode(std::vector<Spans>{{root}, other}, {"studio", "1.2", "i-1"});
    const auto wanted = boost::json::parse(R"({"resourceSpans":[{
        "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"studio"}},
                                  {"key":"service.version","value":{"stringValue":"1.2"}},
                                  {"key":"service.instance.id","value":{"stringValue":"i-1"}},
                                  {"key":"telemetry.sdk.name","value":{"stringValue":"genqd"}},
                                  {"key":"telemetry.sdk.language","value":{"stringValue":"cpp"}},
                                  {"key":"telemetry.sdk.version","value":{"stringValue":"1.2"}}]},
        "scopeSpans":[{"scope":{"name":"genqd","version":"1.2"},"spans":[
            {"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","spanId":"bbbbbbbbbbbbbbbb","traceState":"congo=t61",
             "parentSpanId":"cccccccccccccccc","flags":769,"name":"job a \"quoted\" model","kind":5,
             "startTimeUnixNano":"1795000000123000000","endTimeUnixNano":"1795000001000000000",
             "attributes":[{"key":"text","value":{"stringValue":"x"}},
                           {"key":"whole","value":{"intValue":"1152921504606846976"}},
                           {"key":"real","value":{"doubleValue":4.5}}],
             "links":[{"traceId":"dddddddddddddddddddddddddddddddd","spanId":"eeeeeeeeeeeeeeee",
                       "attributes":[{"key":"job","value":{"stringValue":"x"}}]}],
             "status":{"message":"rejected","code":2}},
            {"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","spanId":"bbbbbbbbbbbbbbbb","flags":257,"name":"other",
             "kind":1,"startTimeUnixNano":"1795000000123000000","endTimeUnixNano":"1795000001000000000"}]}]}]})");
    EXPECT_EQ(boost::json::parse(body), wanted) << body;
}

TEST(Otlp, an_answer_says_what_to_do_next) {
    const auto judged = [](int status, http::Fields headers = {}) {
        return judge({http::ClientResponse{status, std::move(headers), "{}"}, http::Written::fully});
    };
    using enum Verdict::Kind;
    for (const int status : {200, 202, 204}) EXPECT_EQ(judged(status).kind, taken) << status;
    for (const int status : {429, 502, 503, 504}) EXPECT_EQ(judged(status).kind, again) << status;
    for (const int status : {301, 400, 401, 403, 404, 413, 415, 500, 501}) {
        EXPECT_EQ(judged(status).kind, refused) << status;
    }
    for (const auto error : {errc::timeout, errc::unreachable, errc::connection_lost, errc::tls, errc::malformed}) {
        EXPECT_EQ(judge({fail(error, "x"), http::Written::fully}).kind, again);
    }
    EXPECT_EQ(judged(503, {{"Retry-After", " 30 "}}).retry_after, 30s);
    EXPECT_EQ(judged(429, {{"retry-after", "99999999999999999999"}}).retry_after, 24h);
    for (const char* other : {"", "-1", "soon", "Tue, 24 Nov 2026 12:00:00 GMT"}) {
        EXPECT_EQ(judged(503, {{"Retry-After", other}}).retry_after, std::nullopt) << other;
    }
}

TEST(Otlp, an_answer_may_refuse_some_spans) {
    const auto rejected = [](std::string body) {
        return judge({http::ClientResponse{200, {}, std::move(body)}, http::Written::fully}).rejected;
    };
    EXPECT_EQ(rejected(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}})"), 3);
    EXPECT_EQ(rejected(R"({"partialSuccess":{"rejectedSpans":3}})"), 3);
    for (const char* none : {"", "{}", "[]", "ok", R"({"partialSuccess":{}})", R"({"partialSuccess":3})",
                             R"({"partialSuccess":{"rejectedSpans":"many"}})"}) {
        EXPECT_EQ(rejected(none), 0) << none;
    }
}

}  // namespace
}  // namespace genq::tracing::test
