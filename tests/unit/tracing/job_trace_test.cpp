#include "server/tracing/job_trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/core/rfc3339.hpp"
#include "common/http/trace_context.hpp"
#include "server/tracing/otlp.hpp"

namespace genq::tracing::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr WallTime accepted{std::chrono::milliseconds(1'795'000'000'000)};

Job imagen_job() {
    Job job;
    job.id = *JobId::parse("01M82PPAWW0ED61Y27M12N3CNY");
    job.model = "google/imagen4";
    job.kind = "image";
    job.input = R"({"prompt":"a secret fox"})";
    job.created_at = accepted;
    return job;
}

/// What holds of every trace.
void check(const Spans& spans) {
    const Span& root = spans.front();
    std::set<std::string> ids;
    WallTime before = root.start;
    for (const Span& span : spans) {
        EXPECT_EQ(span.trace_id, root.trace_id);
        EXPECT_EQ(span.trace_id.size(), 32U);
        EXPECT_EQ(span.span_id.size(), 16U);
        EXPECT_TRUE(ids.insert(span.span_id).second) << "each has an id of its own";
        EXPECT_LE(span.start, span.end) << span.name;
        if (&span == &root) continue;
        EXPECT_EQ(span.parent_id, root.span_id);
        EXPECT_FALSE(span.remote_parent);
        EXPECT_GE(span.start, before) << span.name << " comes after what was before it";
        EXPECT_LE(span.end, root.end) << span.name << " lies inside the root";
        before = span.end;
    }
    const auto text = encode(std::vector<Spans>{spans}, {"genqd", "1", "i"});
    for (const char* word : {"secret", "https://", "said by"}) EXPECT_FALSE(text.contains(word)) << text;
}

/// A job's history, by seconds since its acceptance.
class History {
  public:
    History& at(double seconds, std::string name, std::optional<double> since = {}, std::string detail = "") {
        events.push_back({.id = 10 + static_cast<std::int64_t>(events.size()),
                          .job = job.id,
                          .name = std::move(name),
                          .at = time(seconds),
                          .detail = std::move(detail),
                          .since = since ? std::optional(time(*since)) : std::nullopt});
        return *this;
    }
    [[nodiscard]] static WallTime time(double seconds) {
        return accepted + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    }
    [[nodiscard]] Spans trace(std::optional<std::int64_t> end = {}) const {
        auto spans = job_trace(job, events, end.value_or(events.back().id));
        if (!spans.empty()) check(spans);
        return spans;
    }

    Job job = imagen_job();
    std::vector<JobEvent> events;
};

/// "name from-to" in seconds, a "!" where it failed.
std::vector<std::string> told(const Spans& spans) {
    std::vector<std::string> all;
    for (const auto& span : spans) {
        const auto seconds = [](WallTime at) {
            auto text = std::to_string(static_cast<double>((at - accepted) / 1ms) / 1000);
            text.erase(text.find_last_not_of('0') + 1);
            if (text.ends_with('.')) text.pop_back();
            return text;
        };
        all.push_back(span.name + " " + seconds(span.start) + "-" + seconds(span.end) + (span.failed ? "!" : ""));
    }
    return all;
}

std::optional<AttributeValue> attribute(const Span& span, std::string_view key) {
    for (const auto& [name, value] : span.attributes) {
        if (name == key) return value;
    }
    return std::nullopt;
}

History succeeded() {
    History history;
    history.at(0.2, "queued")
        .at(3, "submitting", 1)
        .at(3.5, "generating")
        .at(15, "downloading", 13)
        .at(16, "succeeded");
    history.job.credits = 8;
    history.job.billed = Billed::yes;
    history.job.attempts = 1;
    history.job.polls = 3;
    history.job.outputs.resize(2);
    return history;
}

TEST(JobTrace, tells_what_a_job_went_through_and_how_long_each_took) {
    const auto spans = succeeded().trace();
    EXPECT_THAT(told(spans), ElementsAre("job google/imagen4 0-16", "queued 0-1", "limiter wait 1-3", "create 3-3.5",
                                         "generate 3.5-13", "notice lag 13-15", "download 15-16"));
    const Span& root = spans.front();
    EXPECT_EQ(root.kind, SpanKind::consumer);
    EXPECT_EQ(spans.at(3).kind, SpanKind::client);
    EXPECT_EQ(root.attributes, (Attributes{{"genqd.job.id", "01M82PPAWW0ED61Y27M12N3CNY"},
                                           {"genqd.job.model", "google/imagen4"},
                                           {"genqd.job.family", "market"},
                                           {"genqd.job.kind", "image"},
                                           {"genqd.job.status", "succeeded"},
                                           {"genqd.job.attempts", std::int64_t{1}},
                                           {"genqd.job.polls", std::int64_t{3}},
                                           {"genqd.job.outputs", std::int64_t{2}},
                                           {"genqd.job.billed", "yes"},
                                           {"genqd.job.credits", 8.0}}));
}

TEST(JobTrace, without_the_times_that_nobody_knows_has_fewer_spans) {
    History history;
    history.at(0, "queued").at(3, "submitting").at(4, "generating").at(15, "succeeded");
    EXPECT_THAT(told(history.trace()),
                ElementsAre("job google/imagen4 0-15", "queued 0-3", "create 3-4", "generate 4-15"));
}

TEST(JobTrace, hangs_on_the_span_that_the_job_came_from) {
    auto history = succeeded();
    history.job.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    history.job.tracestate = "congo=t61";
    const auto spans = history.trace();
    EXPECT_EQ(spans.front().trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(spans.front().parent_id, "00f067aa0ba902b7");
    EXPECT_TRUE(spans.front().remote_parent);
    for (const auto& span : spans) EXPECT_EQ(span.trace_state, "congo=t61");
}

TEST(JobTrace, of_its_own_has_the_jobs_id_for_a_number) {
    const auto history = succeeded();
    const auto spans = history.trace();
    EXPECT_EQ(spans.front().trace_id, "01a2056b2b9c039a60f847a04551b2be");
    EXPECT_EQ(spans.front().parent_id, "");
    EXPECT_EQ(history.trace().back().span_id, spans.back().span_id) << "told again it is the same";
}

TEST(JobTrace, of_its_own_is_where_the_jobs_own_traceparent_leads_to) {
    auto history = succeeded();
    const auto spans = history.trace();
    const auto own = http::read_traceparent(own_traceparent(history.job.id));
    EXPECT_EQ(spans.front().trace_id, own.trace_id);
    EXPECT_EQ(spans.front().span_id, own.span_id);
    history.job.traceparent = own_traceparent(history.job.id);
    const auto accepted_with_it = history.trace();
    EXPECT_EQ(accepted_with_it.front().span_id, own.span_id);
    EXPECT_EQ(accepted_with_it.front().parent_id, "");
    EXPECT_FALSE(accepted_with_it.front().remote_parent);
    history.at(20, "queued").at(21, "submitting").at(22, "failed");
    const auto anew = history.trace();
    EXPECT_EQ(anew.front().trace_id, own.trace_id);
    EXPECT_EQ(anew.front().parent_id, own.span_id) << "a later run stands below the first";
    EXPECT_FALSE(anew.front().remote_parent);
}

TEST(JobTrace, is_none_where_the_caller_records_none) {
    auto history = succeeded();
    history.job.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    EXPECT_TRUE(history.trace().empty());
}

TEST(JobTrace, says_what_the_job_waited_for_and_leads_to_it) {
    History history;
    history.at(0, "queued", {}, "dependency").at(3, "submitting", 2).at(4, "queued", {}, "said by kie.ai");
    history.at(6, "submitting").at(7, "generating").at(9, "succeeded");
    const auto first = *JobId::parse("01M82PPAWW0ED61Y27M12N3CNZ");
    const auto second = *JobId::parse("01M82PPAWW0ED61Y27M12N3CP0");
    const std::vector<Awaited> awaited{{first, ""},
                                       {second, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
                                       {second, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"}};
    const auto spans = job_trace(history.job, history.events, history.events.back().id, awaited);
    EXPECT_EQ(attribute(spans.at(1), "genqd.queue.reason"), AttributeValue("dependency"));
    EXPECT_EQ(attribute(spans.at(4), "genqd.queue.reason"), std::nullopt) << "only the daemon's own words";
    EXPECT_EQ(attribute(spans.at(3), "error.type"), AttributeValue("create_failed"));
    const auto& links = spans.front().links;
    ASSERT_EQ(links.size(), 2U) << "one whose caller records nothing is not told";
    EXPECT_EQ("00-" + links[0].trace_id + "-" + links[0].span_id + "-01", own_traceparent(first));
    EXPECT_EQ(links[1].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(links[1].span_id, http::read_traceparent(own_traceparent(second)).span_id);
    EXPECT_EQ(links[1].attributes, (Attributes{{"genqd.job.id", second.text()}}));
}

TEST(JobTrace, has_the_root_that_others_links_lead_to) {
    auto history = succeeded();
    history.job.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    EXPECT_EQ(history.trace().front().span_id, http::read_traceparent(own_traceparent(history.job.id)).span_id);
}

TEST(JobTrace, names_the_time_that_a_job_was_to_wait_for) {
    History history;
    history.job.scheduled_at = History::time(10);
    history.at(0, "queued", {}, "scheduled").at(12, "submitting", 10).at(13, "generating").at(15, "succeeded");
    const auto spans = history.trace();
    EXPECT_EQ(attribute(spans.at(1), "genqd.queue.reason"), AttributeValue("scheduled"));
    EXPECT_EQ(attribute(spans.at(1), "genqd.job.scheduled_at"), AttributeValue(to_rfc3339(History::time(10))));
}

TEST(JobTrace, shows_each_create_and_why_the_job_failed) {
    History history;
    history.at(0, "queued").at(1, "submitting", 1, "attempt 1").at(2, "queued", {}, "said by kie.ai");
    history.at(5, "submitting", 4, "attempt 2").at(6, "failed", {}, "said by kie.ai");
    JobError error;
    error.code = JobErrorCode::rejected;
    error.message = error.advice = error.upstream_message = "said by kie.ai";
    history.job.error = error;
    const auto spans = history.trace();
    EXPECT_THAT(told(spans), ElementsAre("job google/imagen4 0-6!", "queued 0-1", "limiter wait 1-1", "create 1-2!",
                                         "queued 2-4", "limiter wait 4-5", "create 5-6!"));
    EXPECT_EQ(attribute(spans.at(3), "genqd.attempt"), AttributeValue(std::int64_t{1}));
    EXPECT_EQ(attribute(spans.at(6), "genqd.attempt"), AttributeValue(std::int64_t{2}));
    EXPECT_EQ(attribute(spans.front(), "error.type"), AttributeValue("rejected"));
    EXPECT_EQ(spans.front().error, "rejected");
    EXPECT_EQ(spans.back().error, "rejected");
    EXPECT_EQ(spans.at(3).error, "") << "that of the job is another's";
}

TEST(JobTrace, of_a_generation_that_was_made_anew_and_failed) {
    History history;
    history.at(0, "queued").at(0, "submitting", 0).at(1, "generating").at(5, "queued", {}, "said by kie.ai");
    history.at(6, "submitting", 6).at(7, "generating").at(20, "failed", 18);
    EXPECT_THAT(told(history.trace()),
                ElementsAre("job google/imagen4 0-20!", "queued 0-0", "limiter wait 0-0", "create 0-1", "generate 1-5!",
                            "queued 5-6", "limiter wait 6-6", "create 6-7", "generate 7-18!", "notice lag 18-20"));
}

TEST(JobTrace, of_a_canceled_job_and_of_one_that_took_anothers_result) {
    History canceled;
    canceled.at(0, "queued").at(7, "canceled");
    EXPECT_THAT(told(canceled.trace()), ElementsAre("job google/imagen4 0-7", "queued 0-7"));
    EXPECT_EQ(attribute(canceled.trace().front(), "genqd.job.status"), AttributeValue("canceled"));
    History reused;
    reused.at(0, "queued").at(0, "succeeded");
    EXPECT_THAT(told(reused.trace()), ElementsAre("job google/imagen4 0-0", "queued 0-0"));
}

TEST(JobTrace, of_a_job_that_is_taken_up_again_begins_there) {
    History history;
    history.at(0, "queued").at(1, "submitting", 1).at(2, "generating").at(600, "failed").at(700, "generating");
    history.at(720, "downloading").at(721, "downloading", {}, "said by a host").at(730, "succeeded");
    const auto first = history.trace(13);
    EXPECT_THAT(told(first), ElementsAre("job google/imagen4 0-600!", "queued 0-1", "limiter wait 1-1", "create 1-2",
                                         "generate 2-600!"));
    const auto second = history.trace();
    EXPECT_THAT(told(second), ElementsAre("job google/imagen4 700-730", "generate 700-720", "download 720-730"));
    EXPECT_EQ(first.front().trace_id, second.front().trace_id);
    EXPECT_NE(first.front().span_id, second.front().span_id);

    History revived;
    revived.at(0, "queued").at(1, "submitting").at(2, "failed").at(90, "revived").at(90, "succeeded");
    EXPECT_THAT(told(revived.trace()), ElementsAre("job google/imagen4 90-90"));
    EXPECT_EQ(attribute(revived.trace().front(), "genqd.job.status"), AttributeValue("succeeded"));
}

TEST(JobTrace, is_made_of_ends_alone) {
    History history;
    history.at(0, "queued").at(1, "submitting").at(2, "failed").at(3, "failed", {}, "attempt 1 made a task too");
    EXPECT_FALSE(history.trace(12).empty());
    EXPECT_TRUE(history.trace(13).empty()) << "it had ended before";
    EXPECT_TRUE(history.trace(11).empty());
    EXPECT_TRUE(history.trace(99).empty()) << "events go with their job";
    history.at(4, "queued").at(5, "canceled");
    EXPECT_THAT(told(history.trace()), ElementsAre("job google/imagen4 4-5", "queued 4-5"));
}

TEST(JobTrace, holds_together_when_the_clock_is_set_back) {
    History history;
    history.at(0, "queued").at(10, "submitting", -50).at(4, "generating").at(3, "downloading", 20).at(12, "succeeded");
    EXPECT_THAT(told(history.trace()),
                ElementsAre("job google/imagen4 0-12", "queued 0-0", "limiter wait 0-10", "create 10-10",
                            "generate 10-10", "notice lag 10-10", "download 10-12"));
}

TEST(JobTrace, counts_the_wait_for_the_limiter_from_the_jobs_own_time_on) {
    History history;
    history.job.scheduled_at = History::time(60);
    history.at(0, "queued").at(70, "submitting", 20).at(71, "canceled");
    EXPECT_THAT(told(history.trace()),
                ElementsAre("job google/imagen4 0-71", "queued 0-60", "limiter wait 60-70", "create 70-71"));
}

TEST(JobTrace, is_bounded_however_often_the_job_was_sent) {
    History history;
    for (int i = 0; i < 500; ++i) history.at(2 * i, "queued").at(2 * i + 1, "submitting", 2 * i);
    history.at(1000, "failed");
    const auto spans = history.trace();
    EXPECT_EQ(spans.size(), 129U);
    EXPECT_EQ(attribute(spans.front(), "genqd.spans_left_out"), AttributeValue(std::int64_t{1500 - 128}));
    EXPECT_EQ(attribute(spans.back(), "genqd.attempt"), AttributeValue(std::int64_t{500}));
    EXPECT_EQ(spans.at(1).start, accepted);
}

}  // namespace
}  // namespace genq::tracing::test
