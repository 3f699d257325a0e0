#include "server/media/library.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "server/blobs/folder_store.hpp"
#include "server/sandbox/media.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::media {
namespace {

struct LibraryTest : testing::Test {
    test::TempFolder folder;
    boost::asio::io_context io;
    async::WorkerPool pool{2};
    SystemClock clock;
    std::unique_ptr<blobs::FolderStore> store = std::move(*blobs::FolderStore::open(folder / "blobs", pool));
    Library library{*store, folder / "blobs/thumbnails", clock};

    Digest put(const std::string& contents) {
        auto writer = std::move(*store->create());
        EXPECT_TRUE(test::await(io, writer->write(std::as_bytes(std::span(contents)))));
        return test::await(io, writer->commit()).value().digest;
    }
    Digest picture() { return put(sandbox::make_png(sandbox::label_for("a lake", 0))); }
    bool start() { return test::await(io, library.start("/usr/local/bin:/usr/bin:/bin")).has_value(); }
    Result<std::string> thumbnail(const Digest& digest, int width = 64, std::string type = "image/png") {
        return test::await(io, library.thumbnail(digest, std::move(type), width));
    }
    std::string cached(const Digest& digest) { return folder / "blobs/thumbnails/" + digest.hex() + "-64.webp"; }
};

#define NEEDS_TOOLS() \
    if (!start()) GTEST_SKIP() << "FFmpeg is not installed"

TEST_F(LibraryTest, without_tools_says_what_is_missing) {
    const auto digest = picture();
    EXPECT_EQ(test::await(io, library.facts(digest, "image/png")).error().code, errc::unsupported);
    EXPECT_NE(thumbnail(digest).error().detail.find("media.tools is off"), std::string::npos);
    EXPECT_FALSE(test::await(io, library.start("/nonexistent")));
    EXPECT_NE(thumbnail(digest).error().detail.find("package ffmpeg"), std::string::npos);
}

TEST_F(LibraryTest, knows_stored_bytes) {
    NEEDS_TOOLS();
    EXPECT_EQ(test::await(io, library.facts(picture(), "image/png")).value().width, 256);
    EXPECT_EQ(test::await(io, library.facts(put("words"), "text/plain")).error().code, errc::unsupported);
    EXPECT_EQ(test::await(io, library.facts(*Digest::parse(std::string(64, 'a')), "image/png")).error().code,
              errc::not_found);
}

TEST_F(LibraryTest, makes_a_picture_once) {
    NEEDS_TOOLS();
    const auto digest = picture();
    const auto made = thumbnail(digest);
    ASSERT_TRUE(made) << made.error().detail;
    ASSERT_TRUE(std::filesystem::exists(cached(digest)));
    library.stop();
    EXPECT_EQ(thumbnail(digest).value_or("none"), *made) << "nothing runs any more, but this is there";
    EXPECT_EQ(thumbnail(digest, 65).error().code, errc::canceled);
    EXPECT_EQ(thumbnail(digest, 64, "audio/mpeg").error().code, errc::unsupported);
}

TEST_F(LibraryTest, forgets_pictures_that_are_old_or_whose_blob_is_gone) {
    NEEDS_TOOLS();
    const auto kept = picture();
    const auto gone = put(sandbox::make_png(sandbox::label_for("a fox", 0)));
    const auto old = put(sandbox::make_png(sandbox::label_for("a car", 0)));
    for (const auto& digest : {kept, gone, old}) ASSERT_TRUE(thumbnail(digest));
    ASSERT_TRUE(test::await(io, store->remove(gone)));
    std::filesystem::last_write_time(cached(old),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(3));
    ASSERT_TRUE(test::await(io, library.sweep(std::chrono::hours(2))));
    EXPECT_TRUE(std::filesystem::exists(cached(kept)));
    EXPECT_FALSE(std::filesystem::exists(cached(gone)));
    EXPECT_FALSE(std::filesystem::exists(cached(old)));
}

TEST_F(LibraryTest, sweeps_what_was_never_made) {
    EXPECT_TRUE(test::await(io, library.sweep(std::chrono::hours(2))));
}

}  // namespace
}  // namespace genq::media
