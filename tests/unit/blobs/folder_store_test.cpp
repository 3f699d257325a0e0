#include "server/blobs/folder_store.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/crypto/sha256.hpp"
#include "tests/support/await.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::blobs {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

struct FolderStoreTest : testing::Test {
    test::TempFolder folder;
    boost::asio::io_context io;
    async::WorkerPool pool{2};
    std::unique_ptr<FolderStore> store = std::move(*FolderStore::open(folder / "blobs", pool));

    Result<BlobInfo> put(const std::string& contents, std::size_t piece = 1000) {
        auto writer = std::move(*store->create());
        for (std::size_t at = 0; at < contents.size(); at += piece) {
            const auto part = std::string_view(contents).substr(at, piece);
            if (auto done = test::await(io, writer->write(bytes_of(part))); !done) return std::unexpected(done.error());
        }
        return test::await(io, writer->commit());
    }
    Result<std::string> read(const Digest& digest) {
        auto body = test::await(io, store->open(digest));
        if (!body) return std::unexpected(body.error());
        std::string contents(body->body.length, '\0');
        const auto got = ::pread(body->body.file->fd(), contents.data(), contents.size(), 0);
        EXPECT_EQ(static_cast<std::size_t>(got), contents.size());
        return contents;
    }
    std::size_t files() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
            count += entry.is_regular_file() ? 1 : 0;
        }
        return count;
    }
};
using FolderStore_ = FolderStoreTest;

TEST_F(FolderStore_, removes_as_unused_only_what_was_not_stored_again) {
    const auto digest = put("abc")->digest;
    const auto past = WallTime(std::chrono::hours(24));
    const timespec long_ago[2] = {{1000, 0}, {1000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, store->path_of(digest).c_str(), long_ago, 0), 0);
    EXPECT_TRUE(test::await(io, store->remove_unused(digest, past, true)).value());
    EXPECT_TRUE(read(digest)) << "a dry run";
    ASSERT_TRUE(put("abc"));
    EXPECT_FALSE(test::await(io, store->remove_unused(digest, past, false)).value());
    EXPECT_TRUE(read(digest));
    ASSERT_EQ(::utimensat(AT_FDCWD, store->path_of(digest).c_str(), long_ago, 0), 0);
    EXPECT_TRUE(test::await(io, store->remove_unused(digest, past, false)).value());
    EXPECT_EQ(read(digest).error().code, errc::not_found);
    EXPECT_EQ(test::await(io, store->remove_unused(digest, past, false)).error().code, errc::not_found);
}

TEST_F(FolderStore_, puts_a_damaged_blob_aside_and_says_so) {
    const auto digest = put("abcdef")->digest;
    EXPECT_TRUE(test::await(io, store->check(digest)).value());
    EXPECT_EQ(read(digest), "abcdef");
    std::ofstream(store->path_of(digest)) << "abcdeF";
    EXPECT_FALSE(test::await(io, store->check(digest)).value());
    EXPECT_EQ(read(digest).error().code, errc::corrupt);
    EXPECT_EQ(test::await(io, store->check(digest)).error().code, errc::not_found);
    ASSERT_TRUE(put("abcdef"));
    EXPECT_EQ(read(digest), "abcdef") << "stored anew, by somebody who had the bytes";
    EXPECT_TRUE(std::filesystem::exists(folder / "blobs/damaged/" + digest.hex()));
}

TEST_F(FolderStore_, gives_out_no_byte_of_a_blob_that_was_damaged_since_it_was_written) {
    const auto digest = put("abcdef")->digest;
    EXPECT_EQ(read(digest), "abcdef");
    EXPECT_EQ(store->damaged(), 0U);
    std::ofstream(store->path_of(digest), std::ios::in | std::ios::out) << "?";
    EXPECT_EQ(read(digest).error().code, errc::corrupt);
    EXPECT_EQ(store->damaged(), 1U);
    EXPECT_TRUE(std::filesystem::exists(folder / "blobs/damaged/" + digest.hex()));
}

TEST_F(FolderStore_, takes_the_bytes_of_a_blob_that_is_there_and_damaged) {
    const auto digest = put("abcdef")->digest;
    std::ofstream(store->path_of(digest), std::ios::in | std::ios::out) << "?";
    ASSERT_TRUE(put("abcdef"));
    EXPECT_EQ(read(digest), "abcdef");
    EXPECT_EQ(store->damaged(), 0U) << "its bytes are back";
    EXPECT_TRUE(std::filesystem::exists(folder / "blobs/damaged/" + digest.hex())) << "nothing was replaced unseen";
}

TEST_F(FolderStore_, knows_after_a_restart_what_was_damaged_before) {
    const auto lost = put("lost")->digest;
    const auto back = put("back")->digest;
    for (const auto& digest : {lost, back}) {
        std::ofstream(store->path_of(digest), std::ios::in | std::ios::out) << "?";
        EXPECT_FALSE(test::await(io, store->check(digest)).value());
    }
    std::ofstream(store->path_of(back)) << "back";
    store = FolderStore::open(folder / "blobs", pool).value();
    EXPECT_EQ(store->damaged(), 1U);
    EXPECT_EQ(read(lost).error().code, errc::corrupt);
    EXPECT_EQ(read(back), "back");
    std::filesystem::remove(folder / "blobs/damaged/" + lost.hex());
    EXPECT_EQ(test::await(io, store->recount_damaged()), 0U) << "given up";
    EXPECT_EQ(read(lost).error().code, errc::not_found);
}

TEST_F(FolderStore_, gives_back_what_was_written_under_its_hash) {
    std::string contents = "\x89PNG\r\n\x1a\n";
    contents += std::string("\0\0\0\rIHDR", 8) + std::string(700'000, 'x');
    const auto info = put(contents);
    ASSERT_TRUE(info) << info.error().detail;
    EXPECT_EQ(info->digest.hex(), crypto::sha256_hex(contents));
    EXPECT_EQ(info->bytes, contents.size());
    EXPECT_EQ(info->media_type, "image/png");
    EXPECT_EQ(read(info->digest), contents);
    const auto& hex = info->digest.hex();
    EXPECT_TRUE(
        std::filesystem::exists(folder / ("blobs/sha256/" + hex.substr(0, 2) + "/" + hex.substr(2, 2) + "/" + hex)));
    EXPECT_EQ(files(), 1U) << "no temporary file stays";
}

TEST_F(FolderStore_, takes_an_empty_blob) {
    const auto info = put("");
    ASSERT_TRUE(info);
    EXPECT_EQ(info->bytes, 0U);
    EXPECT_EQ(read(info->digest), "");
}

TEST_F(FolderStore_, stores_the_same_bytes_once) {
    const auto first = put("same");
    const auto second = put("same", 1);
    ASSERT_TRUE(first);
    ASSERT_TRUE(second);
    EXPECT_EQ(first->digest, second->digest);
    EXPECT_EQ(files(), 1U);
}

TEST_F(FolderStore_, shows_nothing_before_the_commit) {
    auto writer = std::move(*store->create());
    ASSERT_TRUE(test::await(io, writer->write(bytes_of(std::string(600'000, 'y')))));
    const auto digest = *Digest::parse(crypto::sha256_hex(std::string(600'000, 'y')));
    EXPECT_EQ(read(digest).error().code, errc::not_found);
    writer.reset();
    EXPECT_EQ(files(), 0U) << "an uncommitted blob goes with its writer";
}

TEST_F(FolderStore_, starts_a_blob_over) {
    auto writer = std::move(*store->create());
    ASSERT_TRUE(test::await(io, writer->write(bytes_of(std::string(600'000, 'z')))));
    ASSERT_TRUE(writer->restart());
    EXPECT_EQ(writer->size(), 0U);
    ASSERT_TRUE(test::await(io, writer->write(bytes_of("fresh"))));
    EXPECT_EQ(writer->size(), 5U);
    const auto info = test::await(io, writer->commit());
    ASSERT_TRUE(info);
    EXPECT_EQ(read(info->digest), "fresh");
}

TEST_F(FolderStore_, removes_a_blob_for_good) {
    const auto info = put("gone");
    ASSERT_TRUE(test::await(io, store->remove(info->digest)));
    EXPECT_EQ(read(info->digest).error().code, errc::not_found);
    EXPECT_EQ(test::await(io, store->remove(info->digest)).error().code, errc::not_found);
}

TEST_F(FolderStore_, cleans_up_what_a_dead_process_left) {
    std::ofstream(folder / "blobs/tmp/17") << "torn";
    const auto info = put("whole");
    store.reset();
    const auto again = FolderStore::open(folder / "blobs", pool);
    ASSERT_TRUE(again);
    EXPECT_FALSE(std::filesystem::exists(folder / "blobs/tmp/17"));
    EXPECT_TRUE(test::await(io, (*again)->open(info->digest)));
}

TEST_F(FolderStore_, takes_no_torn_file_for_a_blob) {
    const auto info = put("whole");
    std::filesystem::resize_file(store->path_of(info->digest), 2);
    ASSERT_TRUE(put("whole"));
    EXPECT_EQ(read(info->digest), "whole");
    EXPECT_EQ(std::filesystem::file_size(folder / "blobs/damaged/" + info->digest.hex()), 2U) << "put aside";
}

TEST_F(FolderStore_, tells_how_much_room_is_left) {
    EXPECT_GT(store->free_bytes().value_or(0), 0U);
}

}  // namespace
}  // namespace genq::blobs
