#include "common/crypto/sha256.hpp"
#include "server/store/reuse_key.hpp"
#include "tests/unit/engine/engine_fixture.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;

struct Uploads : EngineTest {
    Digest put(const std::string& bytes) {
        const auto digest = *Digest::parse(crypto::sha256_hex(bytes));
        blobs.blobs[digest] = bytes;
        return digest;
    }
    JobId accept_with(const Digest& digest, std::string caller = "ann") {
        auto job = market_job();
        job.caller = std::move(caller);
        job.input = R"({"prompt":"x","image":"genqd:blob/)" + digest.hex() + R"("})";
        job.refers = true;
        job.files = {{digest, blobs.blobs.at(digest).size()}};
        return accept(std::move(job));
    }
    JobId accept_after(JobId first, const std::string& what = "outputs/0", bool checked = true) {
        auto job = market_job();
        job.checked = checked;
        job.input = R"({"image":"genqd:job/)" + first.text() + "/" + what + R"("})";
        job.refers = true;
        job.depends_on = {first};
        return accept(std::move(job));
    }
    std::string body_of_create(std::size_t nth) {
        std::vector<std::string> bodies;
        for (const auto& request : kie.requests) {
            if (request.method == "POST") bodies.push_back(request.body);
        }
        return nth < bodies.size() ? bodies[nth] : "";
    }
    http::ClientResponse answer(int code, std::string message = "no") {
        http::ClientResponse response;
        response.status = 200;
        response.body = R"({"success":false,"code":)" + std::to_string(code) + R"(,"msg":")" + message + R"("})";
        return response;
    }
};

TEST_F(Uploads, are_sent_once_and_their_urls_stand_in_the_create) {
    const auto digest = put("a small picture");
    start();
    const auto first = accept_with(digest);
    const auto second = accept_with(digest, "bob");
    ASSERT_TRUE(reaches(first, JobStatus::succeeded));
    ASSERT_TRUE(reaches(second, JobStatus::succeeded));
    ASSERT_EQ(kie.uploads.size(), 1U) << "both jobs take the same bytes";
    EXPECT_EQ(kie.uploads[0].url, "https://kieai.redpandaai.co/api/file-base64-upload");
    EXPECT_TRUE(kie.uploads[0].body.contains("YSBzbWFsbCBwaWN0dXJl"));
    EXPECT_TRUE(body_of_create(0).contains("https://files.example/1")) << body_of_create(0);
    EXPECT_FALSE(body_of_create(0).contains("genqd:"));
    EXPECT_TRUE(get(first).input.contains("genqd:blob/")) << "what its caller wrote is still shown";
}

TEST_F(Uploads, of_large_files_are_streamed) {
    const std::string bytes(1'000'000, 'z');
    const auto digest = put(bytes);
    start();
    ASSERT_TRUE(reaches(accept_with(digest), JobStatus::succeeded));
    ASSERT_EQ(kie.uploads.size(), 1U);
    EXPECT_EQ(kie.uploads[0].url, "https://kieai.redpandaai.co/api/file-stream-upload");
    EXPECT_TRUE(kie.uploads[0].content_type.starts_with("multipart/form-data; boundary="));
    EXPECT_TRUE(kie.uploads[0].body.contains(bytes));
    EXPECT_TRUE(kie.uploads[0].body.contains("name=\"uploadPath\"\r\n\r\ngenqd\r\n"));
}

TEST_F(Uploads, fall_back_to_the_older_endpoint_which_costs_a_token) {
    const auto digest = put("x");
    kie.upload_answers = {answer(404), answer(405)};
    options.limit_requests = 1;  // so that the upload and the create have to take turns
    start();
    const auto begun = clock.now();
    const auto id = accept_with(digest);
    ASSERT_TRUE(run_until([&] { return get(id).status != JobStatus::queued; }, 60s));
    ASSERT_EQ(kie.uploads.size(), 3U);
    EXPECT_EQ(kie.uploads[2].url, "https://api.kie.ai/api/v1/uploads/base64");
    EXPECT_GE(clock.now() - begun, 10s) << "the create had to wait for the token that the upload took";
    EXPECT_EQ(get(id).status, JobStatus::submitting);
}

TEST_F(Uploads, of_files_that_are_not_taken_otherwise_are_fetched_from_us) {
    const auto digest = put("x");
    blob_url = [](const Digest& wanted, std::string_view name) {
        return "https://queue.example/" + wanted.hex() + "/" + std::string(name);
    };
    kie.upload_answers = {answer(404), answer(404)};
    start();
    ASSERT_TRUE(reaches(accept_with(digest), JobStatus::succeeded));
    ASSERT_EQ(kie.uploads.size(), 3U);
    EXPECT_EQ(kie.uploads[2].url, "https://kieai.redpandaai.co/api/file-url-upload");
    EXPECT_TRUE(kie.uploads[2].body.contains("queue.example")) << kie.uploads[2].body;
}

TEST_F(Uploads, are_renewed_when_the_copy_has_grown_old) {
    const auto digest = put("x");
    start();
    ASSERT_TRUE(reaches(accept_with(digest), JobStatus::succeeded));
    advance(25h);
    ASSERT_TRUE(reaches(accept_with(digest), JobStatus::succeeded));
    EXPECT_EQ(kie.uploads.size(), 2U);
}

TEST_F(Uploads, are_renewed_for_a_job_that_waited_too_long_for_its_turn) {
    const auto digest = put("x");
    start();
    ASSERT_TRUE(run(engine->pause({.until = {}, .model = "google/imagen4", .reason = ""})));
    const auto id = accept_with(digest);
    ASSERT_TRUE(run_until([&] { return get(id).step == Step::submit; }, 10s));
    advance(30h);
    ASSERT_TRUE(run(engine->resume("google/imagen4")));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    ASSERT_EQ(kie.uploads.size(), 2U);
    EXPECT_TRUE(body_of_create(0).contains("https://files.example/2"));
}

TEST_F(Uploads, wait_while_creates_are_held) {
    const auto digest = put("x");
    start();
    ASSERT_TRUE(run(engine->pause({})));
    const auto id = accept_with(digest);
    advance(1h);
    EXPECT_TRUE(kie.uploads.empty());
    EXPECT_EQ(get(id).wait_reason, QueueReason::uploading);
    ASSERT_TRUE(run(engine->resume("")));
    EXPECT_TRUE(reaches(id, JobStatus::succeeded));
}

TEST_F(Uploads, are_tried_again_when_the_host_can_not_be_reached) {
    const auto digest = put("x");
    start();
    kie.unreachable = true;
    const auto id = accept_with(digest);
    advance(2h);
    EXPECT_EQ(get(id).status, JobStatus::queued) << "however long that lasts";
    kie.unreachable = false;
    EXPECT_TRUE(reaches(id, JobStatus::succeeded));
}

TEST_F(Uploads, that_kie_refuses_fail_the_job_at_no_cost) {
    const auto digest = put("x");
    kie.upload_answers = {answer(400, "File type not supported")};
    start();
    const auto id = accept_with(digest);
    ASSERT_TRUE(reaches(id, JobStatus::failed));
    EXPECT_EQ(get(id).error->code, JobErrorCode::upload_failed);
    EXPECT_EQ(get(id).error->upstream_message, "File type not supported");
    EXPECT_EQ(get(id).billed, Billed::no);
    EXPECT_EQ(kie.creates(), 0U);
}

TEST_F(Uploads, that_the_account_or_a_maintenance_puts_off_are_tried_until_they_are_taken) {
    const auto digest = put("x");
    for (const int code : {402, 433, 455, 408}) {
        for (int i = 0; i < 10; ++i) kie.upload_answers.push_back(answer(code));
    }
    start();
    const auto id = accept_with(digest);
    EXPECT_TRUE(reaches(id, JobStatus::succeeded, 12h)) << get(id).error.value_or(JobError{}).message;
}

TEST_F(Uploads, that_kie_answers_with_errors_for_ever_are_given_up) {
    const auto digest = put("x");
    for (int i = 0; i < 100; ++i) kie.upload_answers.push_back(answer(500, "internal"));
    start();
    const auto id = accept_with(digest);
    ASSERT_TRUE(reaches(id, JobStatus::failed, 3h));
    EXPECT_EQ(get(id).error->code, JobErrorCode::upload_failed);
    EXPECT_TRUE(get(id).error->retryable);
}

TEST_F(Uploads, to_the_apis_own_host_that_are_refused_for_their_rate_hold_all_requests_for_a_window) {
    const auto digest = put("x");
    options.upload_url = options.base_url;
    kie.upload_answers = {answer(429, "too many requests")};
    start();
    const auto begun = clock.now();
    const auto id = accept_with(digest);
    ASSERT_TRUE(run_until([&] { return kie.uploads.size() == 2; }, 60s));
    EXPECT_GE(clock.now() - begun, options.limit_window);
    EXPECT_TRUE(reaches(id, JobStatus::succeeded));
}

TEST_F(Uploads, with_a_refused_key_hold_what_costs) {
    const auto digest = put("x");
    kie.upload_answers = {answer(401, "Authentication failed")};
    start();
    const auto id = accept_with(digest);
    ASSERT_TRUE(run_until([&] { return !run(store->holds()).value().empty(); }, 10s));
    EXPECT_EQ(run(store->holds()).value()[0].reason, QueueReason::upstream_auth);
    EXPECT_TRUE(reaches(id, JobStatus::succeeded)) << "the key is good again";
}

TEST_F(Uploads, of_bytes_that_are_gone_fail) {
    const auto digest = put("x");
    start();
    ASSERT_TRUE(run(engine->pause({})));
    const auto id = accept_with(digest);
    blobs.blobs.clear();
    ASSERT_TRUE(run(engine->resume("")));
    ASSERT_TRUE(reaches(id, JobStatus::failed));
    EXPECT_EQ(get(id).error->code, JobErrorCode::upload_failed);
}

TEST_F(Uploads, go_on_after_a_crash) {
    const auto digest = put("x");
    kie.latency = 1min;
    start();
    const auto id = accept_with(digest);
    advance(1s);
    crash();
    kie.latency = 200ms;
    start();
    EXPECT_TRUE(reaches(id, JobStatus::succeeded));
}

using Chain = Uploads;

TEST_F(Chain, runs_from_one_job_to_the_next) {
    start();
    const auto first = accept();
    const auto second = accept_after(first);
    const auto third = accept_after(second, "task");
    ASSERT_TRUE(reaches(third, JobStatus::succeeded));
    EXPECT_EQ(kie.uploads.size(), 1U);
    EXPECT_TRUE(body_of_create(1).contains("https://files.example/1"));
    EXPECT_TRUE(body_of_create(2).contains(get(second).task_id)) << body_of_create(2);
}

TEST_F(Chain, pays_once_for_identical_jobs_whose_files_turn_out_to_be_the_same) {
    start();
    const auto first = accept();
    const auto second = accept(market_job("google/imagen4-fast"));
    const auto digest = put(kie.media);
    std::vector<JobId> same;
    for (const auto& reference : {"job/" + first.text() + "/outputs/0", "job/" + second.text() + "/outputs/0"}) {
        auto job = market_job("recraft/crisp-upscale");
        job.input = R"({"image":"genqd:)" + reference + R"("})";
        job.refers = true;
        job.reuse_after = 0;
        job.depends_on = {reference.contains(first.text()) ? first : second};
        job.reuse_key = store::reuse_key(job);
        same.push_back(accept(std::move(job)));
    }
    for (const auto& id : same) ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 3U) << "two pictures and one upscale";
    const auto paid = get(same[0]).reused_from ? same[1] : same[0];
    const auto reused = get(paid == same[0] ? same[1] : same[0]);
    EXPECT_EQ(reused.reused_from, paid);
    EXPECT_EQ(reused.billed, Billed::no);
    auto by_hash = market_job("recraft/crisp-upscale");
    by_hash.input = R"({"image":"genqd:blob/)" + digest.hex() + R"("})";
    by_hash.refers = true;
    by_hash.reuse_after = 0;
    by_hash.reuse_key = store::reuse_key(by_hash);
    const auto third = accept(std::move(by_hash));
    EXPECT_TRUE(reaches(third, JobStatus::succeeded));
    EXPECT_EQ(get(third).reused_from, paid);
    EXPECT_EQ(kie.creates(), 3U);
}

TEST_F(Chain, ends_where_an_output_is_missing) {
    start();
    const auto first = accept();
    const auto second = accept_after(first, "outputs/3");
    const auto third = accept_after(second);
    ASSERT_TRUE(reaches(third, JobStatus::failed));
    EXPECT_EQ(get(second).error->code, JobErrorCode::dependency_failed);
    EXPECT_EQ(get(second).error->message, "job " + first.text() + " has no output 3");
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(Chain, ends_where_what_a_job_made_is_no_file_for_the_place) {
    std::string asked;
    file_fault = [&asked](std::string_view model, std::string_view pointer, std::string_view type,
                          std::uint64_t bytes) {
        asked = std::string(model) + " " + std::string(pointer) + " " + std::string(type) + " " + std::to_string(bytes);
        return std::string("is a file of image/png, and must be of video/mp4");
    };
    start();
    const auto first = accept();
    const auto second = accept_after(first);
    ASSERT_TRUE(reaches(second, JobStatus::failed));
    const auto failed = get(second);
    EXPECT_EQ(failed.error->code, JobErrorCode::upload_failed);
    EXPECT_EQ(failed.error->message,
              "/input/image, output 0 of job " + first.text() + ", is a file of image/png, and must be of video/mp4");
    EXPECT_FALSE(failed.error->retryable) << "the other job's output stays what it is";
    EXPECT_EQ(failed.billed, Billed::no);
    EXPECT_EQ(kie.creates(), 1U) << "only the first was paid for";
    EXPECT_TRUE(kie.uploads.empty());
    const auto output = get(first).outputs.at(0);
    EXPECT_EQ(asked, "google/imagen4 /input/image " + output.media_type + " " + std::to_string(output.bytes));
}

TEST_F(Chain, takes_any_file_where_the_input_was_not_to_be_checked) {
    file_fault = [](auto...) { return std::string("is wrong"); };
    start();
    const auto second = accept_after(accept(), "outputs/0", false);
    EXPECT_TRUE(reaches(second, JobStatus::succeeded));
}

TEST_F(Chain, ends_with_a_failed_job) {
    start();
    kie.next_task_fails = true;
    const auto first = accept();
    const auto second = accept_after(first);
    ASSERT_TRUE(reaches(second, JobStatus::failed));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(Chain, survives_a_crash_between_its_jobs) {
    start();
    const auto first = accept();
    const auto second = accept_after(first);
    ASSERT_TRUE(reaches(first, JobStatus::succeeded));
    crash();
    start();
    EXPECT_TRUE(reaches(second, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 2U);
}

}  // namespace
}  // namespace genq::engine
