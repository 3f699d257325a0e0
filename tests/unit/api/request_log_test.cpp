#include <gmock/gmock.h>

#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr auto trace_id = "trace_id=4bf92f3577b34da6a3ce929d0e0e4736";

/// The line that each request leaves.
class RequestLog : public ApiTest {
  protected:
    RequestLog() { log_.set_level(log::Level::info); }
    template <class Act>
    static std::string logged(Act act) {
        ::testing::internal::CaptureStderr();
        act();
        return ::testing::internal::GetCapturedStderr();
    }
};

TEST_F(RequestLog, leaves_out_what_a_request_has_not) {
    const auto text = logged([&] { (void)post("/v1/queue/pause", "{}"); });
    EXPECT_THAT(text, HasSubstr(" info request method=POST route=/v1/queue/pause status=200"));
    EXPECT_THAT(text, Not(HasSubstr("job=")));
    EXPECT_THAT(text, Not(HasSubstr("trace")));
}

TEST_F(RequestLog, has_the_trace_of_the_job_where_the_request_brings_none) {
    std::string id;
    EXPECT_THAT(logged([&] { id = submit("", {{"traceparent", trace}}); }),
                EndsWith(std::string(trace_id) + " traceparent=" + trace + "\n"));
    const auto ours = " job=" + id + " caller=anonymous";
    const auto called = logged([&] { (void)post("/v1/callbacks/" + id + "/00112233445566778899aabbccddeeff", "{}"); });
    EXPECT_THAT(called, HasSubstr(ours));
    EXPECT_THAT(called, EndsWith(std::string(trace_id) + "\n"));
    const auto other = "00-11111111111111111111111111111111-00f067aa0ba902b7-01";
    EXPECT_THAT(logged([&] { (void)send("POST", "/v1/jobs/" + id + "/cancel", {{"traceparent", other}}); }),
                HasSubstr("trace_id=11111111111111111111111111111111"));
}

TEST_F(RequestLog, names_a_batch_and_how_many_jobs_it_accepted) {
    std::string id;
    const auto text = logged([&] {
        const auto batch = post("/v1/batches", R"({"jobs":[{"model":"google/imagen4","input":{"prompt":"a"}},
                                                           {"model":"google/imagen4","input":{"prompt":"b"}}]})");
        id = std::string(json_of(batch).at("id").as_string());
    });
    EXPECT_THAT(text, HasSubstr(" batch=" + id + " jobs=2 "));
}

TEST_F(RequestLog, warns_of_answers_that_are_the_daemons_own_fault_and_not_of_a_drain) {
    engine_.balance = fail(errc::unreachable, "");
    EXPECT_THAT(logged([&] { (void)get("/v1/credits"); }),
                HasSubstr(" warn request method=GET route=/v1/credits status=502"));
    EXPECT_EQ(logged([&] { (void)get("/v1/queue"); }), "") << "it went well: for debug";
    api_->set_draining();
    EXPECT_THAT(logged([&] { (void)get("/v1/credits"); }),
                HasSubstr(" info request method=GET route=/v1/credits status=503"));
    EXPECT_THAT(logged([&] { (void)post("/v1/queue/pause", "{}"); }), HasSubstr(" info request method=POST"));
}

}  // namespace
}  // namespace genq::api::test
