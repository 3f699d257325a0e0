#include "common/http/trace_context.hpp"

#include <gtest/gtest.h>

namespace genq::http {
namespace {

TEST(Traceparent, is_taken_only_in_its_form) {
    EXPECT_TRUE(is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    EXPECT_TRUE(is_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"));
    for (const std::string_view text : {"", "x", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                                        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"}) {
        EXPECT_FALSE(is_traceparent(text)) << text;
    }
}

TEST(Traceparent, says_trace_span_and_whether_it_is_recorded) {
    const std::string before = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-";
    const auto read = read_traceparent(before + "01");
    EXPECT_EQ(read.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(read.span_id, "00f067aa0ba902b7");
    for (const std::string flags : {"01", "03", "0b", "ff"}) EXPECT_TRUE(read_traceparent(before + flags).sampled);
    for (const std::string flags : {"00", "02", "0a", "f0"}) EXPECT_FALSE(read_traceparent(before + flags).sampled);
}

TEST(Tracestate, is_kept_with_its_members_in_order) {
    EXPECT_EQ(read_tracestate("congo=t61rcWkgMzE"), "congo=t61rcWkgMzE");
    EXPECT_EQ(read_tracestate(" rojo=00f067aa0ba902b7 ,\tcongo=t61rcWkgMzE,, "),
              "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
    EXPECT_EQ(read_tracestate("fw529a3039@dt=FfQa 1;2"), "fw529a3039@dt=FfQa 1;2");
    EXPECT_EQ(read_tracestate("0a_-*/=x"), "0a_-*/=x");
}

TEST(Tracestate, is_dropped_whole_where_one_member_is_none) {
    const std::string long_part(257, 'a');
    for (const std::string& text :
         {std::string(""), std::string(" , "), std::string("congo"), std::string("=x"), std::string("congo="),
          std::string("Congo=x"), std::string("-a=x"), std::string("a=x,b=y=z"), std::string("a=x,b=\x01"),
          std::string("a=x,b=\xc3\xa4"), "a=x," + long_part + "=y", "a=x,b=" + long_part}) {
        EXPECT_EQ(read_tracestate(text), "") << text;
    }
}

TEST(Tracestate, is_cut_between_members_at_512_characters_and_32_members) {
    const auto member = [](char key) { return std::string(1, key) + "=" + std::string(126, 'v'); };  // 128 of them
    const std::string three = member('a') + "," + member('b') + "," + member('c');
    EXPECT_EQ(read_tracestate(three + "," + member('d')), three) << "515 characters";
    EXPECT_EQ(read_tracestate(three + "," + member('d') + ",e=1"), three) << "nothing goes before what was left out";
    EXPECT_EQ(read_tracestate(three + ",d=" + std::string(123, 'v')).size(), 512U);
    std::string many;
    for (int i = 0; i < 40; ++i) many += "k" + std::to_string(i) + "=v,";
    const auto kept = read_tracestate(many);
    EXPECT_TRUE(kept.starts_with("k0=v,k1=v,"));
    EXPECT_TRUE(kept.ends_with(",k31=v")) << kept;
}

}  // namespace
}  // namespace genq::http
