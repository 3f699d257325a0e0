#include <algorithm>
#include <filesystem>

#include "tests/support/kie_model.hpp"
#include "tests/unit/front/front_fixture.hpp"

namespace genq::front::test {
namespace {

namespace bj = boost::json;

class Uploads : public FrontTest {
  protected:
    genq::test::KieModel network_{clock_};

    Uploads() {
        transport_ = &network_;
        restart({.public_url = "https://queue.example", .min_free_bytes = 0});
    }
    void TearDown() override { api_.reset(); }

    /// The file's URL opens without a token, and a create knows it again.
    void expect_usable(const bj::object& answer) {
        ASSERT_EQ(answer.at("code").as_int64(), 200) << bj::serialize(answer);
        EXPECT_TRUE(answer.at("success").as_bool());
        expect_shape(sample("upload-success"), answer);
        expect_shape(sample("upload-success-quickstart"), answer, {"originalName", "uploadPath", "uploadTime"});
        const std::string url(answer.at("data").at("downloadUrl").as_string());
        EXPECT_EQ(get(url.substr(url.find("/v1/"))).status, 200);
        const bj::value body{{"model", "a/b"}, {"input", {{"image_urls", {url}}}}};
        const auto input = input_of(create("/api/v1/jobs/createTask", bj::serialize(body)));
        EXPECT_TRUE(std::string_view(input.at("image_urls").at(0).as_string()).starts_with("genqd:blob/"));
    }
};

TEST_F(Uploads, take_base64_raw_and_as_a_data_url_under_both_names) {
    for (const std::string body : {R"({"base64Data":"aGVsbG8gd29ybGQ=","uploadPath":"a","fileName":"x.txt"})",
                                   R"({"uploadPath":"a","base64Data":"data:text/plain;base64,aGVsbG8gd29y\nbGQ"})"}) {
        expect_usable(ask("POST", "/api/file-base64-upload", body));
    }
    const auto answer = ask("POST", "/api/v1/uploads/base64", R"({"base64":"aGVsbG8=","fileName":"../a b.png"})");
    expect_usable(answer);
    EXPECT_EQ(answer.at("data").at("fileName").as_string(), "a_b.png");
    expect_shape(sample("upload-success-seed"), answer);
}

TEST_F(Uploads, take_a_form) {
    const std::string form =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"pic.png\"\r\n\r\n\x89PNG\r\n\x1a\n0123\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"uploadPath\"\r\n\r\nimages\r\n--b--\r\n";
    const auto answer =
        ask("POST", "/api/file-stream-upload", form, {{"Content-Type", "multipart/form-data; boundary=b"}});
    expect_usable(answer);
    EXPECT_EQ(answer.at("data").at("fileName").as_string(), "pic.png");
    EXPECT_EQ(answer.at("data").at("mimeType").as_string(), "image/png");
    EXPECT_EQ(answer.at("data").at("filePath").as_string(), "images/pic.png");
}

/// A form whose file comes in pieces; before each, the bytes that the store has of it are counted.
class LargeForm final : public http::BodyReader {
  public:
    static constexpr std::size_t piece = 64 << 10;
    explicit LargeForm(std::filesystem::path blobs) : blobs_(std::move(blobs)) {}
    boost::asio::awaitable<Result<std::string>> next() override {
        std::size_t stored = 0;
        for (const auto& file : std::filesystem::recursive_directory_iterator(blobs_)) {
            if (file.is_regular_file()) stored += file.file_size();
        }
        if (sent_ > 0 && sent_ <= pieces)
            most_held_ = std::max(most_held_, sent_ * piece - std::min(stored, sent_ * piece));
        const auto turn = sent_++;
        if (turn == 0) co_return "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n" + bytes();
        if (turn < pieces) co_return bytes();
        if (turn == pieces) {
            co_return "\r\n--b\r\nContent-Disposition: form-data; name=uploadPath\r\n\r\nimages\r\n--b--\r\n";
        }
        co_return std::string();
    }
    static constexpr std::size_t pieces = 40;
    [[nodiscard]] std::size_t most_held() const { return most_held_; }

  private:
    static std::string bytes() { return std::string(piece, 'z'); }
    std::filesystem::path blobs_;
    std::size_t sent_ = 0;
    std::size_t most_held_ = 0;
};

TEST_F(Uploads, of_a_form_go_to_the_disk_while_they_arrive) {
    LargeForm form(folder_ + "/blobs");
    http::Request request{.method = "POST",
                          .target = "/api/file-stream-upload",
                          .headers = {{"Host", "127.0.0.1"}, {"Content-Type", "multipart/form-data; boundary=b"}},
                          .has_length = true};
    request.stream = &form;
    const auto answer = json_of(run(api_->handle(std::move(request)))).as_object();
    expect_usable(answer);
    EXPECT_EQ(answer.at("data").at("fileSize").as_int64(), LargeForm::pieces * LargeForm::piece);
    EXPECT_LE(form.most_held(), 4 * LargeForm::piece) << "of " << LargeForm::pieces * LargeForm::piece;
}

TEST_F(Uploads, fetch_a_url_under_the_guards_of_outputs) {
    const auto pending = start("POST", "/api/file-url-upload", {},
                               R"({"fileUrl":"https://media.example/in/cat.png?token=1","uploadPath":"a"})");
    clock_.advance(io_, network_.latency);
    while (!pending->done) io_.run_one();
    const auto answer = json_of(pending->response).as_object();
    expect_usable(answer);
    EXPECT_EQ(answer.at("data").at("fileName").as_string(), "cat.png");
}

TEST_F(Uploads, say_what_is_wrong) {
    for (const auto& [path, body] : std::vector<std::pair<std::string, std::string>>{
             {"/api/file-base64-upload", "{}"},
             {"/api/file-base64-upload", R"({"base64Data":"!!","uploadPath":"a"})"},
             {"/api/file-base64-upload", R"({"base64Data":"aGVsbG8="})"},
             {"/api/file-url-upload", R"({"fileUrl":"https://a.example/x"})"},
             {"/api/file-url-upload", "{}"},
             {"/api/v1/uploads/url", R"({"url":"file:///etc/passwd"})"},
             {"/api/file-stream-upload", "x"}}) {
        const auto answer = ask("POST", path, body);
        EXPECT_EQ(answer.at("code").as_int64(), 400) << path;
        expect_shape(sample("upload-fail-400"), answer);
    }
    const auto without_folder =
        ask("POST", "/api/file-stream-upload",
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n",
            {{"Content-Type", "multipart/form-data; boundary=b"}});
    EXPECT_EQ(without_folder.at("msg"), sample("upload-fail-400").at("msg"));
    const auto wrong_method = ask("GET", "/api/file-url-upload");
    EXPECT_EQ(wrong_method.at("code").as_int64(), 405);
    expect_shape(sample("upload-fail-401"), wrong_method);
    restart({.min_free_bytes = ~0ULL});
    EXPECT_EQ(
        ask("POST", "/api/file-base64-upload", R"({"base64Data":"aGVsbG8=","uploadPath":"a"})").at("code").as_int64(),
        455);
}

TEST_F(Uploads, and_results_get_fresh_urls) {
    const auto uploaded = ask("POST", "/api/file-base64-upload", R"({"base64Data":"aGVsbG8=","uploadPath":"a"})");
    const std::string url(uploaded.at("data").at("fileUrl").as_string());
    clock_.advance(io_, std::chrono::hours(100));
    EXPECT_EQ(code_of(get(url.substr(url.find("/v1/")))), "forbidden");
    const auto fresh = ask("POST", "/api/v1/common/download-url", R"({"url":")" + url + R"("})");
    expect_shape(sample("download-url"), fresh);
    const std::string again(fresh.at("data").as_string());
    EXPECT_EQ(get(again.substr(again.find("/v1/"))).status, 200);
    EXPECT_EQ(ask("POST", "/api/v1/common/download-url", R"({"url":"https://a.example/x"})").at("code").as_int64(),
              422);
}

}  // namespace
}  // namespace genq::front::test
