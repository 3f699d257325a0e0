#include <gtest/gtest.h>

#include "server/cli/event_parser.hpp"

namespace genq::cli {
namespace {

TEST(EventParser, takes_events_wherever_the_text_is_cut) {
    const std::string text =
        ":\nid: 4\n\nid: 5\nevent: job.queued\ndata: {\"detail\":\"a: b\"}\n\n:\n\nevent: x\ndata: 1\n\nid: 6\nevent: ";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        EventParser parser;
        auto events = parser.put(std::string_view(text).substr(0, cut));
        for (auto& event : parser.put(std::string_view(text).substr(cut))) events.push_back(std::move(event));
        ASSERT_EQ(events.size(), 4u) << cut;
        EXPECT_EQ(events[0].id, "4");
        EXPECT_EQ(events[0].name, "");
        EXPECT_EQ(events[1].id, "5");
        EXPECT_EQ(events[1].name, "job.queued");
        EXPECT_EQ(events[1].data, "{\"detail\":\"a: b\"}");
        EXPECT_EQ(events[2].name, "");
        EXPECT_EQ(events[3].id, "5") << "the last id told holds on";
        EXPECT_EQ(events[3].data, "1");
    }
}

}  // namespace
}  // namespace genq::cli
