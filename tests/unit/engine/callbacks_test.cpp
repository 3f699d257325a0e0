#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/core/rfc3339.hpp"
#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"
#include "tests/unit/engine/engine_fixture.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;
using test::Fault;
namespace json = boost::json;

class CallbacksTest : public EngineTest {
  protected:
    CallbacksTest() {
        options.callback_url = "https://genqd.example/";
        options.callback_key = "key";
    }
    /// What the model's task calls back, as kie.ai would send it.
    CallbackCall call_of(const test::KieModel::Task& task, const std::string& state = "success") {
        const auto body = json::parse(task.body).as_object();
        const std::string url(body.at("callBackUrl").as_string());
        EXPECT_TRUE(url.starts_with("https://genqd.example/v1/callbacks/")) << url;
        CallbackCall call;
        const auto token = url.rfind('/') + 1;
        call.token = url.substr(token);
        call.job = *JobId::parse(url.substr(token - 27, 26));
        call.timestamp = std::to_string(to_ms(clock.wall_now()) / 1000);
        call.signature = crypto::to_base64(crypto::hmac_sha256("key", task.id + "." + call.timestamp));
        json::object data{{"taskId", task.id}, {"state", state}, {"param", task.body}, {"resultJson", ""}};
        if (state == "success") {
            data["resultJson"] = R"({"resultUrls":["https://media.example.org/)" + task.id + R"(.png"]})";
        }
        call.body = json::serialize(
            json::object{{"code", state == "fail" ? 501 : 200}, {"msg", "words"}, {"data", std::move(data)}});
        return call;
    }
    const test::KieModel::Task& only_task() { return kie.tasks.begin()->second; }
    CallbackVerdict send(CallbackCall call) {
        auto verdict = run(engine->callback(std::move(call)));
        EXPECT_TRUE(verdict);
        return verdict.value_or(CallbackVerdict::unknown);
    }
    [[nodiscard]] std::size_t queries() const {
        return static_cast<std::size_t>(std::ranges::count(kie.paths, "/api/v1/jobs/recordInfo"));
    }
    /// A create whose answer was lost, where calls are not signed.
    JobId hinted_at_only() {
        options.callback_key.clear();
        start();
        kie.create_faults = {Fault::lose_answer};
        const JobId id = accept();
        advance(5s);
        EXPECT_EQ(get(id).status, JobStatus::submitting);
        return id;
    }
    JobId running() {
        const JobId id = accept();
        EXPECT_TRUE(reaches(id, JobStatus::generating));
        return id;
    }
};

TEST_F(CallbacksTest, a_signed_call_ends_its_job_with_one_request_in_all) {
    start();
    kie.duration = 20s;
    const JobId id = running();
    advance(20s);
    EXPECT_EQ(kie.asked_for_jobs(), 1U);
    EXPECT_EQ(send(call_of(only_task())), CallbackVerdict::taken);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 10s));
    EXPECT_EQ(kie.asked_for_jobs(), 1U);
    EXPECT_EQ(get(id).polls, 0);
    EXPECT_EQ(get(id).outputs.size(), 1U);
}

TEST_F(CallbacksTest, a_signed_call_of_a_failure_fails_its_job) {
    start();
    const JobId id = running();
    EXPECT_EQ(send(call_of(only_task(), "fail")), CallbackVerdict::taken);
    ASSERT_TRUE(reaches(id, JobStatus::failed, 1s));
    EXPECT_EQ(get(id).error->code, JobErrorCode::generation_failed);
    EXPECT_EQ(get(id).polls, 0);
    EXPECT_EQ(get(id).error->upstream_message, "words");
    EXPECT_EQ(get(id).billed, Billed::no);
    advance(1h);
    EXPECT_EQ(kie.asked_for_jobs(), 1U);
}

TEST_F(CallbacksTest, a_query_is_the_safety_net_for_a_call_that_never_comes) {
    start();
    const JobId id = running();
    advance(100s);
    EXPECT_EQ(queries(), 0U);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 100s));
    EXPECT_EQ(queries(), 1U);
}

TEST_F(CallbacksTest, that_may_have_come_while_nobody_listened_are_not_waited_for) {
    start();
    const JobId id = running();
    advance(1s);
    crash();
    start();
    const SteadyTime before = clock.now();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_LT(clock.now() - before, 60s);
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(CallbacksTest, tasks_are_polled_again_when_calls_keep_failing_to_come) {
    start();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(reaches(accept(), JobStatus::succeeded));
    }
    const SteadyTime before = clock.now();
    ASSERT_TRUE(reaches(accept(), JobStatus::succeeded));
    EXPECT_LT(clock.now() - before, 30s);
    EXPECT_EQ(send(call_of(only_task())), CallbackVerdict::taken) << "late, but it shows that calls come through";
    const JobId id = running();
    const std::size_t asked = queries();
    advance(60s);
    EXPECT_EQ(queries(), asked);
    EXPECT_EQ(get(id).status, JobStatus::generating);
}

TEST_F(CallbacksTest, without_a_key_a_call_is_a_hint_and_causes_one_query_in_ten_seconds) {
    options.callback_key.clear();
    options.poll[0] = {60s, 60s, 120s, 60s, 300s};
    start();
    kie.duration = 30s;
    const JobId id = running();
    for (int i = 0; i < 150; ++i) {
        EXPECT_EQ(send(call_of(only_task())), CallbackVerdict::taken);
        advance(100ms);
    }
    EXPECT_LE(queries(), 3U);
    EXPECT_EQ(get(id).status, JobStatus::generating) << "nobody believes it";
    advance(20s);
    send(call_of(only_task()));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 12s));
}

TEST_F(CallbacksTest, forged_and_foreign_calls_change_nothing) {
    start();
    const JobId id = running();
    auto forged = call_of(only_task());
    forged.signature = "AAAA";
    EXPECT_EQ(send(forged), CallbackVerdict::forged);
    auto guessed = call_of(only_task());
    guessed.token.back() = guessed.token.back() == '0' ? '1' : '0';
    EXPECT_EQ(send(guessed), CallbackVerdict::unknown);
    auto foreign = call_of(only_task());
    foreign.job = *JobId::parse("01JD0000000000000000000000");
    EXPECT_EQ(send(foreign), CallbackVerdict::unknown);
    auto stale = call_of(only_task());
    clock.step_wall(10min);
    EXPECT_EQ(send(stale), CallbackVerdict::taken) << "a hint: the signature is too old";
    EXPECT_EQ(get(id).status, JobStatus::generating);
}

TEST_F(CallbacksTest, may_come_before_the_creates_own_answer) {
    start();
    kie.latency = 4s;
    const JobId id = accept();
    advance(2500ms);
    ASSERT_EQ(get(id).status, JobStatus::submitting);
    ASSERT_EQ(kie.tasks.size(), 1U);
    EXPECT_EQ(send(call_of(only_task())), CallbackVerdict::taken);
    EXPECT_EQ(get(id).status, JobStatus::downloading);
    advance(1min);
    const Job job = get(id);
    EXPECT_EQ(job.status, JobStatus::succeeded);
    EXPECT_EQ(job.task_id, only_task().id);
    EXPECT_EQ(kie.asked_for_jobs(), 1U);
}

TEST_F(CallbacksTest, settle_a_create_whose_answer_was_lost) {
    for (const Fault fault : {Fault::lose_answer, Fault::empty_answer, Fault::html_answer}) {
        SCOPED_TRACE(static_cast<int>(fault));
        if (!engine) start();
        kie.tasks.clear();
        kie.create_faults = {fault};
        const JobId id = accept();
        advance(20s);
        ASSERT_EQ(get(id).status, JobStatus::submitting);
        EXPECT_EQ(get(id).billed, Billed::unknown);
        EXPECT_EQ(send(call_of(only_task())), CallbackVerdict::taken);
        ASSERT_TRUE(reaches(id, JobStatus::succeeded, 10s));
        EXPECT_EQ(get(id).billed, Billed::yes);
        EXPECT_EQ(kie.tasks.size(), 1U);
    }
}

TEST_F(CallbacksTest, settle_a_lost_create_while_the_engine_stops) {
    start();
    kie.latency = 10s;
    kie.create_faults = {Fault::lose_answer};
    const JobId id = accept();
    advance(6s);
    ASSERT_EQ(get(id).status, JobStatus::submitting);
    bool stopped = false;
    boost::asio::co_spawn(*io, engine->stop(45s), [&](const std::exception_ptr&) { stopped = true; });
    advance(1s);
    ASSERT_FALSE(stopped) << "the create's answer is awaited";
    EXPECT_EQ(send(call_of(only_task())), CallbackVerdict::taken);
    EXPECT_EQ(get(id).status, JobStatus::downloading);
    ASSERT_TRUE(run_until([&] { return stopped; }, 60s));
    engine.reset();
    start();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 1min));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(CallbacksTest, wait_for_a_lost_create_as_long_as_its_task_may_take) {
    start();
    kie.create_faults = {Fault::lose_request};
    const JobId id = accept();
    advance(30s + 590s);
    EXPECT_EQ(get(id).status, JobStatus::submitting);
    ASSERT_TRUE(reaches(id, JobStatus::failed, 20s));
    EXPECT_EQ(get(id).error->code, JobErrorCode::submit_unknown);
    EXPECT_EQ(kie.creates(), 0U);
}

TEST_F(CallbacksTest, settle_a_create_that_a_dead_process_sent) {
    start();
    kie.latency = 8s;
    const JobId id = accept();
    advance(5s);
    ASSERT_EQ(get(id).status, JobStatus::submitting);
    ASSERT_EQ(kie.tasks.size(), 1U);
    crash();
    start();
    advance(1min);
    EXPECT_EQ(get(id).status, JobStatus::submitting);
    send(call_of(only_task()));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 10s));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(CallbacksTest, are_not_waited_for_by_what_is_simply_asked_for_again) {
    start();
    kie.latency = 8s;
    NewJob upgrade = market_job("veo/4k");
    upgrade.family = Family::veo;
    upgrade.input = R"({"taskId":"t"})";
    const JobId id = accept(std::move(upgrade));
    advance(5s);
    ASSERT_EQ(get(id).status, JobStatus::submitting);
    crash();
    kie.latency = 200ms;
    start();
    ASSERT_TRUE(reaches(id, JobStatus::generating, 1min));
}

TEST_F(CallbacksTest, a_hint_settles_a_lost_create_only_if_the_record_names_our_callback) {
    options.callback_key.clear();
    start();
    kie.create_faults = {Fault::none, Fault::lose_answer};
    const JobId other = running();
    const JobId id = accept();
    advance(5s);
    ASSERT_EQ(get(id).status, JobStatus::submitting);
    ASSERT_EQ(kie.tasks.size(), 2U);
    const auto& mine = std::next(kie.tasks.begin())->second;
    auto call = call_of(mine);
    const auto honest = call;
    call.body = call_of(only_task()).body;
    EXPECT_EQ(send(call), CallbackVerdict::taken);
    advance(9s);
    EXPECT_EQ(get(id).status, JobStatus::submitting) << "that task is another job's";
    send(honest);
    advance(5s);
    EXPECT_EQ(get(id).task_id, mine.id);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 1min));
    EXPECT_NE(get(other).task_id, get(id).task_id);
}

TEST_F(CallbacksTest, a_hint_is_asked_for_until_the_query_is_answered) {
    const JobId id = hinted_at_only();
    kie.query_answers = {"<html>", R"({"code":500,"msg":"later","data":null})",
                         R"({"code":422,"msg":"recordInfo is null","data":null})"};
    send(call_of(only_task()));
    send(call_of(only_task()));
    advance(9s);
    EXPECT_EQ(queries(), 1U) << "once in ten seconds";
    EXPECT_EQ(get(id).status, JobStatus::submitting);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 3min)) << "nobody calls again";
    EXPECT_EQ(get(id).task_id, only_task().id);
    EXPECT_EQ(get(id).billed, Billed::yes);
}

TEST_F(CallbacksTest, a_hint_is_not_asked_for_forever) {
    const JobId id = hinted_at_only();
    for (int i = 0; i < 200; ++i) kie.query_answers.emplace_back("<html>");
    send(call_of(only_task()));
    advance(2h);
    const auto asked = queries();
    EXPECT_GT(asked, 30U) << "it is tried for an hour";
    advance(2h);
    EXPECT_EQ(queries(), asked);
    EXPECT_EQ(get(id).status, JobStatus::failed);
}

TEST_F(CallbacksTest, duplicates_and_late_calls_do_no_harm) {
    start();
    const JobId id = running();
    const auto call = call_of(only_task());
    send(call);
    send(call);
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 10s));
    const auto version = get(id).version;
    const int downloads = kie.downloads;
    EXPECT_EQ(send(call), CallbackVerdict::taken);
    EXPECT_EQ(send(call_of(only_task(), "fail")), CallbackVerdict::taken);
    advance(1min);
    EXPECT_EQ(get(id).version, version);
    EXPECT_EQ(kie.downloads, downloads);

    kie.tasks.clear();
    const JobId canceled = running();
    ASSERT_TRUE(run(store->cancel(canceled)));
    engine->job_changed(canceled);
    send(call_of(only_task()));
    advance(1min);
    EXPECT_EQ(get(canceled).status, JobStatus::canceled);
}

TEST_F(CallbacksTest, tell_a_canceled_jobs_bill) {
    start();
    kie.create_faults = {Fault::lose_answer};
    const JobId id = accept();
    advance(5s);
    ASSERT_TRUE(run(store->cancel(id)));
    engine->job_changed(id);
    EXPECT_EQ(get(id).billed, Billed::unknown);
    send(call_of(only_task()));
    EXPECT_EQ(get(id).status, JobStatus::canceled);
    EXPECT_EQ(get(id).billed, Billed::yes);
    EXPECT_EQ(get(id).task_id, only_task().id);
}

TEST_F(CallbacksTest, prove_that_an_error_made_a_task_all_the_same) {
    start();
    kie.create_answers.push_back(R"({"code":502,"msg":"Bad Gateway","data":null})");
    const JobId id = accept();
    ASSERT_TRUE(run_until([&] { return get(id).wait_reason == QueueReason::retry_backoff; }, 10s));
    test::KieModel::Task task;
    task.id = "task_in_spite";
    task.body = kie.requests.at(0).body;
    send(call_of(task));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 10s));
    EXPECT_EQ(kie.creates(), 0U) << "no second create";
    EXPECT_EQ(get(id).task_id, "task_in_spite");
}

TEST_F(CallbacksTest, of_a_second_task_are_written_down_and_counted) {
    start();
    kie.create_answers.push_back(R"({"code":502,"msg":"Bad Gateway","data":null})");
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::generating));
    test::KieModel::Task task;
    task.id = "task_in_spite";
    task.body = kie.requests.at(0).body;
    send(call_of(task));
    send(call_of(task));
    const auto events = run(store->events(id)).value();
    EXPECT_EQ(std::ranges::count_if(events, [](const JobEvent& e) { return e.detail.contains("task_in_spite"); }), 1);
    EXPECT_EQ(get(id).status, JobStatus::generating);
    EXPECT_NE(get(id).task_id, "task_in_spite");
    EXPECT_TRUE(metrics.render().contains("genqd_stray_tasks_total 1"));
}

TEST_F(CallbacksTest, of_suno_that_only_tell_of_progress_finish_nothing) {
    start();
    NewJob song = market_job("suno/V5");
    song.family = Family::suno;
    song.wire_model = "V5";
    song.profile = PollProfile::audio;
    const JobId id = accept(std::move(song));
    ASSERT_TRUE(reaches(id, JobStatus::generating));
    auto call = call_of(only_task());
    const auto says = [&](const std::string& type, const std::string& data) {
        call.body = R"({"code":200,"data":{"callbackType":")" + type + R"(","task_id":")" + only_task().id +
                    R"(","data":)" + data + "}}";
        send(call);
        advance(1s);
    };
    says("text", "[]");
    says("first", R"([{"id":"1","audio_url":"https://media.example.org/1.mp3"}])");
    EXPECT_EQ(get(id).status, JobStatus::generating);
    kie.media = std::string("ID3\x03\0\0\0\0\0\0", 10);
    says("complete", R"([{"id":"1","audio_url":"https://media.example.org/1.mp3"},)"
                     R"({"id":"2","audio_url":"https://media.example.org/2.mp3"}])");
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 10s));
    EXPECT_EQ(get(id).outputs.size(), 2U);
}

TEST_F(CallbacksTest, without_a_public_url_nothing_asks_for_them) {
    options.callback_url.clear();
    start();
    ASSERT_TRUE(reaches(accept(), JobStatus::succeeded));
    EXPECT_FALSE(kie.requests.at(0).body.contains("callBackUrl"));
    NewJob song = market_job("suno/V5");
    song.family = Family::suno;
    accept(std::move(song));
    advance(1s);
    EXPECT_TRUE(kie.requests.back().body.contains(options.placeholder_url)) << "Suno insists on one";
}

TEST_F(CallbacksTest, revive_a_job_that_was_given_up) {
    options.unknown_grace = 10s;
    start();
    kie.create_faults = {Fault::lose_answer};
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::failed, 1min));
    EXPECT_EQ(get(id).error->code, JobErrorCode::submit_unknown);
    send(call_of(only_task()));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 10s));
    EXPECT_EQ(get(id).billed, Billed::yes);
    EXPECT_EQ(get(id).task_id, only_task().id);
    std::vector<std::string> names;
    for (const auto& event : run(store->events(id)).value()) names.push_back(event.name);
    EXPECT_EQ(names,
              (std::vector<std::string>{"queued", "submitting", "failed", "revived", "downloading", "succeeded"}));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(CallbacksTest, revive_a_job_past_its_deadline_and_by_hints_too) {
    for (const bool is_signed : {true, false}) {
        SCOPED_TRACE(is_signed);
        if (!engine) start();
        kie.tasks.clear();
        NewJob hurried = market_job();
        hurried.deadline_at = clock.wall_now() + 40s;
        const JobId id = accept(std::move(hurried));
        ASSERT_TRUE(reaches(id, JobStatus::failed, 2min));
        EXPECT_EQ(get(id).error->code, JobErrorCode::deadline_exceeded);
        EXPECT_EQ(get(id).billed, Billed::yes);
        auto call = call_of(only_task());
        if (!is_signed) call.signature.clear();
        send(call);
        ASSERT_TRUE(reaches(id, JobStatus::succeeded, 1min));
        advance(5min);
        EXPECT_EQ(get(id).status, JobStatus::succeeded);
    }
}

}  // namespace
}  // namespace genq::engine
