#include "common/http/range.hpp"

#include <gtest/gtest.h>

namespace genq::http {
namespace {

Range part(std::uint64_t first, std::uint64_t last) {
    return {.kind = Range::Kind::part, .first = first, .last = last};
}
constexpr Range whole{};
constexpr Range unsatisfiable{.kind = Range::Kind::unsatisfiable};

TEST(ParseRange, reads_first_and_last) {
    EXPECT_EQ(parse_range("bytes=0-99", 1000), part(0, 99));
    EXPECT_EQ(parse_range("bytes=0-0", 1000), part(0, 0));
    EXPECT_EQ(parse_range("Bytes= 5-9 ", 1000), part(5, 9));
    EXPECT_EQ(parse_range("bytes=990-5000", 1000), part(990, 999));
    EXPECT_EQ(parse_range("bytes=999-", 1000), part(999, 999));
    EXPECT_EQ(parse_range("bytes=0-99999999999999999999999", 1000), part(0, 999));
}

TEST(ParseRange, reads_the_last_bytes) {
    EXPECT_EQ(parse_range("bytes=-1", 1000), part(999, 999));
    EXPECT_EQ(parse_range("bytes=-5000", 1000), part(0, 999));
}

TEST(ParseRange, says_when_nothing_of_it_is_there) {
    EXPECT_EQ(parse_range("bytes=1000-", 1000), unsatisfiable);
    EXPECT_EQ(parse_range("bytes=1000-2000", 1000), unsatisfiable);
    EXPECT_EQ(parse_range("bytes=-0", 1000), unsatisfiable);
    EXPECT_EQ(parse_range("bytes=0-", 0), unsatisfiable);
    EXPECT_EQ(parse_range("bytes=-5", 0), unsatisfiable);
    EXPECT_EQ(parse_range("bytes=99999999999999999999999-", 1000), unsatisfiable);
}

TEST(ParseRange, ignores_the_rest) {
    for (const char* text : {"", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=9-5", "bytes=a-b", "bytes=0x1-2",
                             "bytes=1-2,4-5", "bytes=+1-2", "bytes=1--2", "lines=1-2", "bytes =1-2", "bytes=1 - 2"}) {
        EXPECT_EQ(parse_range(text, 1000), whole) << text;
    }
}

TEST(ContentRange, is_written_as_the_rfc_has_it) {
    EXPECT_EQ(content_range(part(0, 99), 1234), "bytes 0-99/1234");
    EXPECT_EQ(content_range_unsatisfied(1234), "bytes */1234");
    EXPECT_EQ(part(10, 19).length(), 10u);
}

}  // namespace
}  // namespace genq::http
