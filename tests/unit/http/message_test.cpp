#include "common/http/message.hpp"

#include <gtest/gtest.h>

#include "common/http/client_io.hpp"
#include "common/http/download.hpp"
#include "common/http/request_reader.hpp"
#include "common/http/response_head.hpp"

namespace genq::http {
namespace {

TEST(Fields, compare_names_without_case) {
    Fields fields{{"Content-Type", "a"}, {"X", "1"}, {"x", "2"}};
    EXPECT_EQ(fields.get("content-type"), "a");
    EXPECT_EQ(fields.get("X"), "1");
    EXPECT_FALSE(fields.has("Y"));
    fields.set("x", "3");
    EXPECT_EQ(fields.size(), 2u);
    EXPECT_EQ(fields.get("X"), "3");
    fields.remove("CONTENT-TYPE");
    EXPECT_EQ(fields.size(), 1u);
}

TEST(WriteHead, adds_what_is_the_sessions) {
    std::string out;
    write_head(out, {.status = 304, .headers = {{"ETag", "\"a\""}}}, {.date = "D"});
    EXPECT_EQ(out, "HTTP/1.1 304 Not Modified\r\nServer: genqd\r\nDate: D\r\nETag: \"a\"\r\n\r\n");
    write_head(out, {.status = 799, .body = "abc"}, {.date = "D", .close = true});
    EXPECT_EQ(out, "HTTP/1.1 799 \r\nServer: genqd\r\nDate: D\r\nContent-Length: 3\r\nConnection: close\r\n\r\n");
    EXPECT_FALSE(sends_body({.status = 204, .body = "x"}, false));
    EXPECT_FALSE(sends_body({.status = 200, .body = "x"}, true));
}

TEST(RequestReader, gives_the_same_request_however_its_bytes_are_cut) {
    const std::string bytes =
        "\r\nPOST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
        RequestReader reader(8192, 1000);
        std::string waiting;
        for (std::size_t i = 0; i < bytes.size(); i += step) {
            waiting += bytes.substr(i, step);
            while (const std::size_t used = reader.put(waiting)) waiting.erase(0, used);
        }
        ASSERT_TRUE(reader.done()) << step;
        EXPECT_EQ(waiting, "");
        const Request request = reader.take();
        EXPECT_EQ(request.body, "abcde");
        EXPECT_TRUE(request.has_length);
    }
}

TEST(RequestHead, holds_what_the_caller_gave_and_what_is_ours) {
    const auto url = parse_url("http://h:81/p?q");
    const auto head = write_request_head({.method = "POST", .headers = {{"A", "b"}, {"host", "evil"}}, .body = "xy"},
                                         *url, "genqd", false);
    EXPECT_EQ(head.value(),
              "POST /p?q HTTP/1.1\r\nHost: h:81\r\nUser-Agent: genqd\r\nContent-Length: 2\r\nA: b\r\n\r\n");
    EXPECT_FALSE(write_request_head({.method = "G T"}, *url, "", false));
}

TEST(ParseContentRange, reads_the_bytes_unit_only) {
    const auto range = parse_content_range("bytes 5-9/100");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->first, 5u);
    EXPECT_EQ(range->last, 9u);
    EXPECT_EQ(range->total, 100u);
    EXPECT_FALSE(parse_content_range("bytes 5-9/*")->total);
    for (const char* text : {"", "bytes", "bytes */100", "bytes 9-5/100", "bytes 5-9", "bytes 5-9/9", "lines 1-2/3"}) {
        EXPECT_FALSE(parse_content_range(text)) << text;
    }
}

}  // namespace
}  // namespace genq::http
