#include <gmock/gmock.h>

#include "common/crypto/sha256.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A body that comes in these pieces, and then ends or breaks off.
class Pieces final : public http::BodyReader {
  public:
    explicit Pieces(std::vector<std::string> pieces, std::optional<Error> end = {})
        : pieces_(std::move(pieces)), end_(std::move(end)) {}
    boost::asio::awaitable<Result<std::string>> next() override {
        if (at_ < pieces_.size()) co_return pieces_[at_++];
        if (end_) co_return std::unexpected(*end_);
        co_return std::string();
    }

  private:
    std::vector<std::string> pieces_;
    std::optional<Error> end_;
    std::size_t at_ = 0;
};

struct FilesApi : ApiTest {
    http::Response put(Pieces pieces, http::Fields headers = {}) {
        http::Request request{
            .method = "POST", .target = "/v1/files", .headers = std::move(headers), .has_length = true};
        request.headers.add("Host", "127.0.0.1");
        request.stream = &pieces;
        return run(api_->handle(std::move(request)));
    }
    std::string ref(const std::string& bytes, http::Fields headers = {}) {
        return std::string(json_of(put(Pieces({bytes}), std::move(headers))).at("ref").as_string());
    }
    static std::string with(const std::string& text) {
        return R"({"model":"google/imagen4","input":{"prompt":"x","images":[")" + text + R"("]}})";
    }
};

TEST_F(FilesApi, takes_no_coded_file) {
    const auto response = put(Pieces({"\x1f\x8b"}), {{"Content-Encoding", "gzip"}});
    EXPECT_EQ(response.status, 415);
    EXPECT_EQ(code_of(response), "unsupported_media_type");
}

TEST_F(FilesApi, takes_no_form_for_a_file) {
    const auto response = put(Pieces({"--b\r\n"}), {{"Content-Type", "Multipart/form-data; boundary=b"}});
    EXPECT_EQ(response.status, 415);
    EXPECT_THAT(text_of(response), HasSubstr("--data-binary"));
}

TEST_F(FilesApi, stores_what_comes_in_pieces_under_its_hash) {
    const std::string bytes = "\x89PNG\r\n\x1a\n and more";
    const auto response = put(Pieces({bytes.substr(0, 3), bytes.substr(3)}));
    ASSERT_EQ(response.status, 201);
    const auto file = json_of(response);
    const auto hex = crypto::sha256_hex(bytes);
    EXPECT_EQ(file.at("sha256").as_string(), hex);
    EXPECT_EQ(file.at("bytes").as_int64(), static_cast<std::int64_t>(bytes.size()));
    EXPECT_EQ(file.at("media_type").as_string(), "image/png");
    EXPECT_EQ(file.at("url").as_string(), "/v1/blobs/" + hex);
    EXPECT_EQ(file.at("ref").as_string(), "genqd:blob/" + hex);
    EXPECT_EQ(response.headers.get("Location"), "/v1/blobs/" + hex);
    EXPECT_EQ(get("/v1/blobs/" + hex).status, 200);
}

TEST_F(FilesApi, leaves_nothing_of_a_body_that_breaks_off) {
    EXPECT_EQ(code_of(put(Pieces({"abc"}, Error{errc::too_large, "too large"}))), "payload_too_large");
    EXPECT_EQ(code_of(put(Pieces({"abc"}, Error{errc::timeout, "slow"}))), "request_timeout");
    EXPECT_EQ(code_of(put(Pieces({}))), "validation_failed");
    EXPECT_EQ(get("/v1/blobs/" + crypto::sha256_hex("abc")).status, 404);
    EXPECT_EQ(code_of(send("POST", "/v1/files")), "length_required");
}

TEST_F(FilesApi, gives_the_same_answer_for_the_same_key_and_bytes) {
    EXPECT_EQ(put(Pieces({"abc"}), {{"Idempotency-Key", "k"}}).status, 201);
    const auto again = put(Pieces({"a", "bc"}), {{"Idempotency-Key", "k"}});
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.headers.get("Idempotency-Replayed"), "true");
    EXPECT_EQ(code_of(put(Pieces({"other"}), {{"Idempotency-Key", "k"}})), "idempotency_conflict");
}

TEST_F(FilesApi, are_what_a_job_may_refer_to) {
    const auto reference = ref("a picture");
    const auto response = post("/v1/jobs", with(reference));
    ASSERT_EQ(response.status, 202);
    const auto job = json_of(response);
    EXPECT_EQ(job.at("input").at("images").at(0).as_string(), reference);
    EXPECT_EQ(job.at("queue").at("reason").as_string(), "uploading");
    EXPECT_EQ(stored(std::string(job.at("id").as_string())).wait_reason, QueueReason::uploading);
}

TEST_F(FilesApi, that_are_not_there_are_faults_with_their_place) {
    const auto response = post("/v1/jobs", with("genqd:blob/" + std::string(64, 'a')));
    EXPECT_EQ(code_of(response), "validation_failed");
    EXPECT_THAT(pointers_of(response), ElementsAre("/input/images/0"));
    EXPECT_THAT(text_of(response), HasSubstr("POST /v1/files"));
    EXPECT_THAT(pointers_of(post("/v1/jobs", with("genqd:bolb/1"))), ElementsAre("/input/images/0"));
}

TEST_F(FilesApi, that_the_model_does_not_take_there_are_refused_before_anything_is_uploaded) {
    validation_ = Validation::warn;
    restart({});
    const std::string png = "\x89PNG\r\n\x1a\n and more";
    const auto picture = ref(png);
    const auto words = ref("just words");
    const auto upscale = [this](const std::string& file, const std::string& more = "") {
        return post("/v1/jobs", R"({"model":"recraft/crisp-upscale","input":{"image":")" + file + "\"}" + more + "}");
    };
    EXPECT_EQ(upscale(picture).status, 202);
    const auto response = upscale(words);
    EXPECT_THAT(pointers_of(response), ElementsAre("/input/image"));
    EXPECT_THAT(text_of(response), HasSubstr("is a file of text/plain, and must be of image/"));
    EXPECT_EQ(upscale(words, R"(,"validate":"off")").status, 202);
    const auto job = submit();
    make_succeeded(job, "just words", "text/plain", "a.txt");
    EXPECT_THAT(pointers_of(upscale("genqd:job/" + job + "/outputs/0")), ElementsAre("/input/image"));
}

using References = FilesApi;

TEST_F(References, of_another_kind_than_a_place_takes_are_refused_with_its_pointer) {
    validation_ = Validation::warn;
    restart({});
    const auto job = submit();
    const auto faulty = [&](const std::string& model, const std::string& input) {
        const auto response = post("/v1/jobs", R"({"model":")" + model + R"(","input":)" + input + "}");
        EXPECT_EQ(response.status, 422) << model << input;
        return pointers_of(response);
    };
    const std::string reference = "\"genqd:job/" + job;
    for (const auto* what : {"/task", "/tracks/0"}) {
        EXPECT_THAT(faulty("recraft/crisp-upscale", R"({"image":)" + reference + what + "\"}"),
                    ElementsAre("/input/image"));
        EXPECT_THAT(faulty("google/nano-banana-edit", R"({"prompt":"x","image_urls":[)" + reference + what + "\"]}"),
                    ElementsAre("/input/image_urls/0"));
    }
    EXPECT_THAT(faulty("veo/extend", R"({"prompt":"x","taskId":)" + reference + "/outputs/0\"}"),
                ElementsAre("/input/taskId"));
    EXPECT_THAT(faulty("suno/extend", R"({"model":"V5","audioId":)" + reference + "/task\"}"),
                ElementsAre("/input/audioId"));
    const auto batch = post("/v1/batches", R"({"jobs":[{"ref":"a","model":"veo3","input":{"prompt":"x"}},
        {"model":"veo/4k","input":{"taskId":"genqd:ref/a/outputs/0"}}]})");
    EXPECT_THAT(pointers_of(batch), ElementsAre("/jobs/1/input/taskId"));
}

TEST_F(References, to_jobs_make_a_chain) {
    const auto first = submit();
    const auto response = post("/v1/jobs", with("genqd:job/" + first + "/outputs/0"));
    ASSERT_EQ(response.status, 202);
    const auto job = json_of(response);
    EXPECT_EQ(job.at("depends_on").as_array().at(0).as_string(), first);
    EXPECT_EQ(job.at("queue").at("reason").as_string(), "dependency");
    EXPECT_TRUE(job.at("queue").at("estimated_start_at").is_null());
    EXPECT_EQ(json_of(get("/v1/jobs/" + first)).at("dependants").as_array().at(0).as_string(),
              job.at("id").as_string());
    EXPECT_EQ(code_of(send("DELETE", "/v1/jobs/" + first)), "conflict");
}

TEST_F(References, to_what_a_job_did_not_make_are_faults) {
    const auto first = submit();
    make_succeeded(first, "bytes", "image/png", "a.png");
    const auto response = post("/v1/jobs", with("genqd:job/" + first + "/outputs/1"));
    EXPECT_THAT(pointers_of(response), ElementsAre("/input/images/0"));
    EXPECT_THAT(text_of(response), HasSubstr("has no output 1: it has 1"));
    EXPECT_EQ(post("/v1/jobs", with("genqd:job/" + first + "/outputs/0")).status, 202);
    const auto nobody = post("/v1/jobs", with("genqd:job/01M83S36BY0VQ36VXWAYVEK80V/task"));
    EXPECT_THAT(pointers_of(nobody), ElementsAre("/input/images/0"));
}

TEST_F(References, to_jobs_that_were_deleted_since_do_not_keep_a_key_from_its_job) {
    const auto first = submit();
    make_succeeded(first, "bytes", "image/png", "a.png");
    const auto referring = with("genqd:job/" + first + "/outputs/0");
    const auto made = post("/v1/jobs", referring, {{"Idempotency-Key", "k"}});
    ASSERT_EQ(made.status, 202);
    const std::string id(json_of(made).at("id").as_string());
    ASSERT_EQ(send("POST", "/v1/jobs/" + id + "/cancel").status, 200);
    ASSERT_EQ(send("DELETE", "/v1/jobs/" + first).status, 204);
    const auto again = post("/v1/jobs", referring, {{"Idempotency-Key", "k"}});
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(json_of(again).at("id").as_string(), id);
    EXPECT_EQ(code_of(post("/v1/jobs", referring)), "validation_failed");
}

TEST_F(References, to_failed_jobs_fail_the_job_and_not_the_request) {
    const auto first = submit();
    make_failed(first, JobErrorCode::rejected);
    const auto response = post("/v1/jobs", with("genqd:job/" + first + "/outputs/0"));
    EXPECT_EQ(response.status, 202);
    EXPECT_EQ(json_of(response).at("error").at("code").as_string(), "dependency_failed");
}

TEST_F(References, of_a_token_that_only_submits_lead_to_its_own_things) {
    use_tokens({{"ann", crypto::sha256_hex("ann-token"), {Scope::submit}},
                {"bob", crypto::sha256_hex("bob-token"), {Scope::submit}},
                {"cat", crypto::sha256_hex("cat-token"), {Scope::submit, Scope::read}}});
    const http::Fields ann{{"Authorization", "Bearer ann-token"}};
    const http::Fields bob{{"Authorization", "Bearer bob-token"}};
    const http::Fields cat{{"Authorization", "Bearer cat-token"}};
    const auto reference = ref("ann's picture", ann);
    const auto job = submit("", ann);
    for (const auto& text : {reference, "genqd:job/" + job + "/outputs/0"}) {
        EXPECT_EQ(post("/v1/jobs", with(text), ann).status, 202);
        EXPECT_EQ(code_of(post("/v1/jobs", with(text), bob)), "validation_failed");
        EXPECT_EQ(post("/v1/jobs", with(text), cat).status, 202);
    }
    EXPECT_EQ(ref("ann's picture", bob), reference);
    EXPECT_EQ(post("/v1/jobs", with(reference), bob).status, 202) << "who has the bytes has them";
}

TEST_F(References, have_a_limit) {
    const auto reference = ref("x");
    std::string many = "\"" + reference + "\"";
    for (int i = 0; i < 100; ++i) many += ",\"" + reference + "\"";
    EXPECT_EQ(code_of(post("/v1/jobs", R"({"model":"google/imagen4","input":{"images":[)" + many + "]}}")),
              "validation_failed");
}

}  // namespace
}  // namespace genq::api::test
