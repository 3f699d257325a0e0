#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/crypto/sha256.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/wait.hpp"
#include "tests/unit/cli/scripted_transport.hpp"

namespace genq::cli {
namespace {

class FetchTest : public ::testing::Test {
  protected:
    void SetUp() override { std::filesystem::remove_all(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    static boost::json::value job(const std::string& name, std::size_t bytes, const std::string& digest) {
        return boost::json::object{
            {"id", "1"},
            {"outputs",
             boost::json::array{boost::json::object{
                 {"index", 0}, {"filename", name}, {"bytes", static_cast<std::int64_t>(bytes)}, {"sha256", digest}}}}};
    }
    static std::string content(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    const std::filesystem::path folder_ = std::filesystem::path(::testing::TempDir()) / "genqd-fetch-test";
    boost::asio::io_context io_{1};
    SystemClock clock_;
    test::ScriptedTransport transport_;
    Client client_{io_, clock_, transport_, "http://127.0.0.1:8080", ""};
};

TEST_F(FetchTest, asks_for_large_outputs_in_pieces) {
    const std::string bytes(5 << 20, 'x');
    transport_.answer(206, bytes.substr(0, 4 << 20));
    transport_.answer(206, bytes.substr(4 << 20));
    const auto paths = fetch_outputs(client_, job("a.png", bytes.size(), crypto::sha256_hex(bytes)), folder_.string());
    ASSERT_TRUE(paths);
    EXPECT_EQ(paths->at(0), (folder_ / "a.png").string());
    EXPECT_EQ(content(paths->at(0)), bytes);
    ASSERT_EQ(transport_.requests().size(), 2U);
    EXPECT_EQ(transport_.requests().at(0).url, "http://127.0.0.1:8080/v1/jobs/1/outputs/0");
    EXPECT_EQ(transport_.requests().at(0).headers.get("Range"), "bytes=0-4194303");
    EXPECT_EQ(transport_.requests().at(1).headers.get("Range"), "bytes=4194304-5242879");
}

TEST_F(FetchTest, leaves_no_file_with_other_bytes) {
    transport_.answer(206, "not it");
    const auto paths = fetch_outputs(client_, job("a.png", 6, crypto::sha256_hex("it")), folder_.string());
    ASSERT_FALSE(paths);
    EXPECT_EQ(paths.error(), exit_failed);
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(FetchTest, names_the_job_whose_outputs_could_not_be_stored) {
    transport_.answer(206, "not it");
    auto done = job("a.png", 6, crypto::sha256_hex("it"));
    done.as_object()["status"] = "succeeded";
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(finish(client_, done, folder_.string(), false), exit_failed);
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), ::testing::HasSubstr("`genqd get 1 --out DIR`"));
}

TEST_F(FetchTest, tries_the_folder_before_anything_is_paid_for) {
    EXPECT_TRUE(prepare_folder(""));
    EXPECT_TRUE(prepare_folder((folder_ / "new").string()));
    EXPECT_TRUE(std::filesystem::is_directory(folder_ / "new"));
    EXPECT_FALSE(prepare_folder("/proc/nope"));
    std::ofstream(folder_ / "file") << "it";
    EXPECT_FALSE(prepare_folder((folder_ / "file").string()));
}

TEST_F(FetchTest, does_not_fetch_what_is_there) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "a.png") << "it";
    EXPECT_TRUE(fetch_outputs(client_, job("a.png", 2, crypto::sha256_hex("it")), folder_.string()));
    EXPECT_TRUE(transport_.requests().empty());
}

TEST_F(FetchTest, writes_into_the_folder_alone) {
    transport_.answer(200, "it");
    const auto paths = fetch_outputs(client_, job("../../etc/a\n.png", 2, crypto::sha256_hex("it")), folder_.string());
    ASSERT_TRUE(paths);
    EXPECT_EQ(paths->at(0), (folder_ / "a?.png").string());
}

}  // namespace
}  // namespace genq::cli
