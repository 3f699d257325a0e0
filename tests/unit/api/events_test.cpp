#include <gmock/gmock.h>

#include "common/crypto/sha256.hpp"
#include "tests/unit/api/event_tail.hpp"

namespace genq::api::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

const http::Fields live{{"Accept", "text/event-stream"}};

http::Fields live_after(std::string id) {
    return {{"Accept", "text/event-stream"}, {"Last-Event-ID", std::move(id)}};
}

class Events : public ApiTest {
  protected:
    Tail open(const std::string& target, http::Fields headers = live) {
        auto response = get(target, std::move(headers));
        EXPECT_EQ(response.status, 200) << text_of(response);
        EXPECT_EQ(response.headers.get("Content-Type"), "text/event-stream");
        EXPECT_EQ(response.headers.get("Cache-Control"), "no-store");
        EXPECT_EQ(response.headers.get("X-Accel-Buffering"), "no");
        return {io_, std::move(std::get<std::unique_ptr<http::LiveBody>>(response.body))};
    }
    static std::string of(const std::string& id) { return "/v1/jobs/" + id + "/events"; }
    /// A job that was queued and failed: two events.
    std::string failed() {
        auto id = submit();
        make_failed(id, JobErrorCode::rejected);
        return id;
    }
};

TEST_F(Events, of_a_job_are_its_history_and_what_comes_until_it_ends) {
    const auto id = submit();
    auto tail = open(of(id));
    EXPECT_EQ(tail.text(), ":\n\nid: 1\nevent: job.queued\ndata: {\"job_id\":\"" + id +
                               "\",\"status\":\"queued\",\"at\":\"2026-11-18T11:06:40.000Z\",\"detail\":null}\n\n");
    const auto other = submit();
    EXPECT_THAT(tail.news(), IsEmpty());
    make_generating(id);
    EXPECT_THAT(tail.news(), ElementsAre("3 job.submitting", "4 job.generating"));
    make_failed(other, JobErrorCode::rejected);
    EXPECT_FALSE(tail.ended());
    make_failed(id, JobErrorCode::generation_failed);
    EXPECT_THAT(tail.news(), ElementsAre("6 job.failed"));
    EXPECT_TRUE(tail.ended());
}

TEST_F(Events, of_a_job_that_has_ended_end_with_it) {
    const auto id = failed();
    auto tail = open(of(id));
    EXPECT_THAT(tail.news(), ElementsAre(":", "1 job.queued", "2 job.failed"));
    EXPECT_TRUE(tail.ended());
    auto rest = open(of(id), live_after("1"));
    EXPECT_THAT(rest.news(), ElementsAre(":", "2 job.failed"));
    EXPECT_TRUE(rest.ended());
    // An EventSource comes back by itself until it is told that there is nothing more.
    const auto seen = get(of(id), live_after("2"));
    EXPECT_EQ(seen.status, 204);
    EXPECT_EQ(seen.headers.get("Vary"), "Accept");
}

TEST_F(Events, of_a_job_go_on_when_it_does) {
    const auto id = submit();
    make_generating(id);
    make_failed(id, JobErrorCode::generation_timeout);
    EXPECT_EQ(get(of(id), live_after("4")).status, 204);
    ASSERT_EQ(post("/v1/jobs/" + id + "/retry", "").status, 200);
    auto whole = open(of(id));
    EXPECT_THAT(whole.news(), ElementsAre(":", "1 job.queued", "2 job.submitting", "3 job.generating", "4 job.failed",
                                          "5 job.generating"));
    EXPECT_FALSE(whole.ended()) << "its history has an end, and the job has none";
    auto rest = open(of(id), live_after("4"));
    EXPECT_THAT(rest.news(), ElementsAre(":", "5 job.generating"));
    make_failed(id, JobErrorCode::generation_timeout);
    store::Generated proof;
    proof.id = id_of(id);
    proof.result = boost::json::value("a text");
    ASSERT_TRUE(run(store_->record_revived(std::move(proof))));
    auto revived = open(of(id), live_after("6"));
    EXPECT_THAT(revived.news(), ElementsAre(":", "7 job.revived", "8 job.succeeded"));
    EXPECT_TRUE(revived.ended());
}

TEST_F(Events, are_json_for_whoever_does_not_ask_for_the_stream) {
    const auto id = submit();
    for (const char* accept :
         {"", "*/*", "application/json", "text/*", "text/event-stream;q=0", "text/event-streams"}) {
        const auto response = get(of(id), {{"Accept", accept}});
        EXPECT_EQ(response.headers.get("Content-Type"), "application/json") << accept;
        EXPECT_EQ(response.headers.get("Vary"), "Accept");
    }
    for (const char* accept : {"text/event-stream", "application/json, text/event-stream;q=0.1",
                               "Text/Event-Stream; charset=utf-8", "a/b;q=1,\ttext/event-stream ; q=1.0"}) {
        EXPECT_EQ(get(of(id), {{"Accept", accept}}).headers.get("Content-Type"), "text/event-stream") << accept;
    }
}

TEST_F(Events, of_all_jobs_begin_now) {
    (void)failed();
    auto tail = open("/v1/events", {});
    EXPECT_THAT(tail.news(), ElementsAre(":2"));
    const auto id = submit();
    EXPECT_THAT(tail.news(), ElementsAre("3 job.queued"));
    (void)failed();
    make_submitting(id);
    EXPECT_THAT(tail.news(), ElementsAre("4 job.queued", "5 job.failed", "6 job.submitting"));
    EXPECT_FALSE(tail.ended());
}

TEST_F(Events, go_on_where_the_reader_was) {
    const auto id = failed();
    (void)failed();
    auto by_field = open("/v1/events", live_after("1"));
    EXPECT_THAT(by_field.news(), ElementsAre(":1", "2 job.failed", "3 job.queued", "4 job.failed"));
    auto by_parameter = open("/v1/events?last_event_id=3");
    EXPECT_THAT(by_parameter.news(), ElementsAre(":3", "4 job.failed"));
    // An EventSource sends the field when it comes back, and the parameter of its URL as it always was.
    auto by_both = open("/v1/events?last_event_id=0", live_after("4"));
    EXPECT_THAT(by_both.news(), ElementsAre(":4"));
    auto without = open("/v1/events?last_event_id=", live_after(""));
    EXPECT_THAT(without.news(), ElementsAre(":4"));
    auto of_job = open(of(id) + "?last_event_id=1");
    EXPECT_THAT(of_job.news(), ElementsAre(":", "2 job.failed"));
    (void)submit();
    for (Tail* tail : {&by_field, &by_parameter, &by_both, &without}) {
        EXPECT_THAT(tail->news(), ElementsAre("5 job.queued"));
    }
}

TEST_F(Events, that_are_no_more_there_are_told_as_a_reset) {
    const auto gone = failed();
    const auto kept = failed();
    ASSERT_EQ(send("DELETE", "/v1/jobs/" + gone).status, 204);
    auto older = open("/v1/events", live_after("1"));
    EXPECT_EQ(
        older.text(),
        ":\nid: 1\n\nid: 1\nevent: reset\ndata: {\"detail\":\"some events are no more there: look at the jobs "
        "anew\"}\n\n" +
            [&] {
                auto whole = open(of(kept));
                return whole.text().substr(3);
            }());
    auto had_seen_them = open("/v1/events", live_after("2"));
    EXPECT_THAT(had_seen_them.news(), ElementsAre(":2", "3 job.queued", "4 job.failed"));
    auto of_job = open(of(kept), live_after("0"));
    EXPECT_THAT(of_job.news(), ElementsAre(":", "3 job.queued", "4 job.failed")) << "of that job nothing is gone";
}

TEST_F(Events, that_never_were_are_told_as_a_reset) {
    const auto id = submit();
    auto all = open("/v1/events", live_after("2"));
    EXPECT_THAT(all.news(), ElementsAre(":1", "1 reset"));
    auto of_job = open(of(id), live_after("9223372036854775807"));
    EXPECT_THAT(of_job.news(), ElementsAre(":", "0 reset", "1 job.queued"));
    make_failed(id, JobErrorCode::rejected);
    EXPECT_THAT(all.news(), ElementsAre("2 job.failed"));
    EXPECT_THAT(of_job.news(), ElementsAre("2 job.failed"));
    auto ended = open(of(id), live_after("3"));
    EXPECT_THAT(ended.news(), ElementsAre(":", "0 reset", "1 job.queued", "2 job.failed"));
    EXPECT_TRUE(ended.ended());
}

TEST_F(Events, come_with_a_comment_when_nothing_else_does) {
    auto all = open("/v1/events?status=failed");
    const auto id = submit();
    auto of_job = open(of(id));
    EXPECT_THAT(all.news(), ElementsAre(":0"));
    EXPECT_THAT(of_job.news(), ElementsAre(":", "1 job.queued"));
    clock_.advance(io_, 14s);
    EXPECT_THAT(all.news(), IsEmpty());
    clock_.advance(io_, 2s);
    EXPECT_THAT(all.news(), ElementsAre(":1")) << "what it does not want is no reason to look at it again";
    EXPECT_THAT(of_job.news(), ElementsAre(":"));
    clock_.advance(io_, 48s);
    EXPECT_THAT(all.news(), ElementsAre(":", ":", ":"));
    make_failed(id, JobErrorCode::rejected);
    EXPECT_THAT(all.news(), ElementsAre("2 job.failed"));
    EXPECT_TRUE(of_job.ended());
    clock_.advance(io_, 14s);
    EXPECT_THAT(all.news(), IsEmpty());
}

TEST_F(Events, are_chosen_like_jobs) {
    std::map<std::string, std::unique_ptr<Tail>> tails;
    for (const char* query :
         {"label.tier=a", "label.tier=a&label.project=spring", "status=failed", "status=submitting,failed",
          "status=queued&status=failed&label.tier=b", "model=google%2Fimagen4", "model=suno%2FV5", "family=market",
          "family=suno,luma", "kind=image", "kind=music", "caller=anonymous", "caller=ben"}) {
        auto response = get(std::string("/v1/events?") + query);
        ASSERT_EQ(response.status, 200) << query << text_of(response);
        tails[query] = std::make_unique<Tail>(io_, std::move(std::get<std::unique_ptr<http::LiveBody>>(response.body)));
        (void)tails[query]->news();
    }
    const auto a = submit(R"(,"labels":{"tier":"a","project":"spring"})");  // 1
    const auto b = submit(R"(,"labels":{"tier":"b"})");                     // 2
    make_submitting(a);                                                     // 3
    make_failed(b, JobErrorCode::rejected);                                 // 4
    const std::vector<std::string> every{"1 job.queued", "2 job.queued", "3 job.submitting", "4 job.failed"};
    const std::vector<std::string> of_a{"1 job.queued", "3 job.submitting"};
    EXPECT_EQ(tails["label.tier=a"]->news(), of_a);
    EXPECT_EQ(tails["label.tier=a&label.project=spring"]->news(), of_a);
    EXPECT_THAT(tails["status=failed"]->news(), ElementsAre("4 job.failed"));
    EXPECT_THAT(tails["status=submitting,failed"]->news(), ElementsAre("3 job.submitting", "4 job.failed"));
    EXPECT_THAT(tails["status=queued&status=failed&label.tier=b"]->news(), ElementsAre("2 job.queued", "4 job.failed"));
    for (const char* query : {"model=google%2Fimagen4", "family=market", "kind=image", "caller=anonymous"}) {
        EXPECT_EQ(tails[query]->news(), every) << query;
    }
    for (const char* query : {"model=suno%2FV5", "family=suno,luma", "kind=music", "caller=ben"}) {
        EXPECT_THAT(tails[query]->news(), IsEmpty()) << query;
    }
    auto late = open("/v1/events?label.tier=a&last_event_id=0");
    EXPECT_THAT(late.news(), ElementsAre(":0", "1 job.queued", "3 job.submitting"));
}

TEST_F(Events, of_a_batch) {
    const auto answer = post("/v1/batches", R"({"jobs":[{"model":"google/imagen4","input":{"prompt":"x"}}]})");
    const std::string batch(json_of(answer).at("id").as_string());
    (void)submit();
    auto tail = open("/v1/events?last_event_id=0&batch_id=" + batch);
    EXPECT_THAT(tail.news(), ElementsAre(":0", "1 job.queued"));
}

TEST_F(Events, are_not_for_everybody) {
    const auto token = [](const std::string& name, Scopes scopes) {
        return Token{name, crypto::sha256_hex("secret-" + name), scopes};
    };
    const auto bearer = [](const std::string& name) {
        return http::Fields{{"Accept", "text/event-stream"}, {"Authorization", "Bearer secret-" + name}};
    };
    use_tokens({token("ann", {Scope::submit}), token("ben", {Scope::submit}), token("eye", {Scope::read}),
                token("boss", {Scope::admin})});
    auto all = open("/v1/events", bearer("eye"));
    auto own = open("/v1/events", bearer("ann"));
    auto none = open("/v1/events?caller=ben", bearer("ann"));
    EXPECT_EQ(get("/v1/events", live).status, 401);
    EXPECT_EQ(get("/v1/events", bearer("boss")).status, 403);
    const auto mine = submit("", bearer("ann"));
    const auto others = submit("", bearer("ben"));
    EXPECT_THAT(all.news(), ElementsAre(":0", "1 job.queued", "2 job.queued"));
    EXPECT_THAT(own.news(), ElementsAre(":0", "1 job.queued"));
    EXPECT_THAT(none.news(), ElementsAre(":0"));
    EXPECT_EQ(get(of(mine), bearer("ann")).status, 200);
    EXPECT_EQ(get(of(mine), bearer("eye")).status, 200);
    EXPECT_EQ(get(of(others), bearer("ann")).status, 404);
}

TEST_F(Events, refuse_what_they_do_not_know) {
    const auto id = submit();
    EXPECT_EQ(pointers_of(get("/v1/events?status=lost&label.=x&limit=3&last_event_id=-1")),
              (std::vector<std::string>{"?limit", "?status", "?label.", "?last_event_id"}));
    EXPECT_EQ(pointers_of(get("/v1/events?last_event_id=1&last_event_id=2")),
              std::vector<std::string>{"?last_event_id"});
    for (const char* wrong : {"x", "1x", "1.5", "-1", " ", "9223372036854775808"}) {
        const auto response = get(of(id), live_after(wrong));
        EXPECT_EQ(code_of(response), "validation_failed") << wrong;
        EXPECT_EQ(pointers_of(response), std::vector<std::string>{"Last-Event-ID"}) << wrong;
    }
    EXPECT_EQ(pointers_of(get(of(id) + "?status=failed", live)), std::vector<std::string>{"?status"});
    EXPECT_EQ(code_of(get(of("01ARZ3NDEKTSV4RRFFQ69G5FAV"), live)), "not_found");
    EXPECT_EQ(send("POST", "/v1/events").headers.get("Allow"), "GET, HEAD");
}

TEST_F(Events, answer_head_like_get) {
    const auto id = submit();
    for (const auto& target : {std::string("/v1/events"), of(id)}) {
        const auto response = send("HEAD", target, live);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.headers.get("Content-Type"), "text/event-stream");
    }
    EXPECT_EQ(events_->readers(), 0u) << "what nobody sends is let go";
}

TEST_F(Events, leave_connections_for_others) {
    restart({.max_streams = 2});
    auto first = open("/v1/events");
    {
        auto second = open("/v1/events");
        const auto third = get("/v1/events");
        EXPECT_EQ(third.status, 503);
        EXPECT_EQ(code_of(third), "overloaded");
        EXPECT_EQ(get(of(submit()), live).status, 503);
    }
    EXPECT_EQ(get("/v1/events").status, 200);
}

TEST_F(Events, end_when_they_are_told_to) {
    auto stopped = open("/v1/events");
    auto other = open("/v1/events");
    stopped.body().stop();
    EXPECT_TRUE(stopped.ended());
    EXPECT_FALSE(other.ended());
    events_->end_all();
    EXPECT_TRUE(other.ended());
    auto later = open("/v1/events");
    EXPECT_FALSE(later.ended());
}

TEST_F(Events, of_a_job_that_is_deleted_end) {
    const auto id = failed();
    auto tail = open(of(id));
    tail.pause();
    EXPECT_TRUE(tail.ended());
    auto response = get(of(id), live);
    ASSERT_EQ(send("DELETE", "/v1/jobs/" + id).status, 204);
    Tail late(io_, std::move(std::get<std::unique_ptr<http::LiveBody>>(response.body)));
    EXPECT_THAT(late.news(), ElementsAre(":"));
    EXPECT_TRUE(late.ended());
}

TEST_F(Events, are_counted) {
    const auto metrics = [this] { return text_of(get("/metrics")); };
    {
        auto tail = open("/v1/events");
        EXPECT_THAT(metrics(), HasSubstr("\ngenqd_event_streams 1\n"));
        EXPECT_THAT(metrics(), HasSubstr("\ngenqd_event_streams_cut_off_total 0\n"));
        tail.body().broken_off(false);
        EXPECT_THAT(metrics(), HasSubstr("\ngenqd_event_streams_cut_off_total 0\n"));
        tail.body().broken_off(true);
    }
    EXPECT_THAT(metrics(), HasSubstr("\ngenqd_event_streams 0\n"));
    EXPECT_THAT(metrics(), HasSubstr("\ngenqd_event_streams_cut_off_total 1\n"));
    EXPECT_THAT(metrics(),
                HasSubstr("genqd_http_requests_total{method=\"GET\",route=\"/v1/events\",status=\"200\"} 1"));
}

}  // namespace
}  // namespace genq::api::test
