#include "server/media/library.hpp"

#include <filesystem>

#include "common/fs/atomic_file.hpp"

namespace genq::media {

namespace asio = boost::asio;

namespace {

constexpr int most_waiting = 32;

std::string cache_name(const Digest& digest, int width) {
    return digest.hex() + "-" + std::to_string(width) + ".webp";
}

std::unexpected<Error> missing(const Error& why) {
    return fail(errc::unsupported, why.detail);
}

/// Files of the cache, with the times they were made.
Result<std::vector<std::filesystem::directory_entry>> cached(const std::string& dir) {
    std::vector<std::filesystem::directory_entry> files;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end; entry.increment(error)) {
        files.push_back(*entry);
    }
    if (error && error != std::errc::no_such_file_or_directory) return fail(errc::io, dir + ": " + error.message());
    return files;
}

}  // namespace

Library::Library(blobs::BlobStore& blobs, std::string cache_dir, Clock& clock)
    : blobs_(blobs), cache_dir_(std::move(cache_dir)), clock_(clock), confined_(clock) {}

asio::awaitable<Result<void>> Library::start(std::string path) {
    co_return co_await worker_.run([this, path = std::move(path)]() -> Result<void> {
        tools_ = find_tools(path, confined_);
        if (!tools_) return std::unexpected(tools_.error());
        return {};
    });
}

asio::awaitable<Result<MediaFacts>> Library::facts(Digest digest, std::string media_type) {
    if (!has_facts(media_type)) co_return fail(errc::unsupported, "nothing is known of " + media_type);
    auto blob = co_await blobs_.open(std::move(digest));
    if (!blob) co_return std::unexpected(blob.error());
    co_return co_await worker_.run(
        [this, file = std::move(blob->body.file), media_type = std::move(media_type)]() -> Result<MediaFacts> {
            if (!tools_) return missing(tools_.error());
            return probe(*tools_, confined_, file->fd(), media_type);
        });
}

asio::awaitable<Result<std::string>> Library::thumbnail(Digest digest, std::string media_type, int width) {
    if (!has_picture(media_type)) co_return fail(errc::unsupported, media_type + " has no picture");
    struct Waiting {
        std::atomic<int>& count;
        explicit Waiting(std::atomic<int>& all) : count(all) { ++count; }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        ~Waiting() { --count; }
    } const waiting(waiting_);
    if (waiting_ > most_waiting) co_return fail(errc::busy, "too many thumbnails are being made");
    auto blob = co_await blobs_.open(digest);
    if (!blob) co_return std::unexpected(blob.error());
    co_return co_await worker_.run([this, digest, file = std::move(blob->body.file), media_type = std::move(media_type),
                                    width] { return cached_or_made(digest, file->fd(), media_type, width); });
}

Result<std::string> Library::cached_or_made(const Digest& digest, int file, const std::string& media_type, int width) {
    const auto path = cache_dir_ + "/" + cache_name(digest, width);
    if (auto before = fs::read_file(path, most_picture_bytes)) return before;
    if (!tools_) return missing(tools_.error());
    auto made = picture(*tools_, confined_, file, media_type, width);
    if (!made) return made;
    // A cache that can't be written (a full disk, say) costs time, not the picture.
    std::error_code error;
    std::filesystem::create_directory(cache_dir_, error);
    if (!error) {
        [[maybe_unused]] const auto kept = fs::write_file_atomically(path, *made);
    }
    return made;
}

asio::awaitable<Result<void>> Library::sweep(std::chrono::hours age) {
    const auto files = co_await worker_.run([this] { return cached(cache_dir_); });
    if (!files) co_return std::unexpected(files.error());
    for (const auto& file : *files) {
        const auto name = file.path().filename().string();
        const auto digest = Digest::parse(name.substr(0, name.find('-')));
        bool wanted = false;
        if (digest) {
            const auto blob = co_await blobs_.open(*digest);
            wanted = blob || blob.error().code != errc::not_found;
        }
        const WallTime before = clock_.wall_now() - age;
        auto done = co_await worker_.run([file, wanted, before]() -> Result<void> {
            std::error_code error;
            const auto made = std::filesystem::last_write_time(file.path(), error);
            if (!wanted || std::chrono::file_clock::to_sys(made) < before) std::filesystem::remove(file.path(), error);
            return {};
        });
        if (!done) co_return done;
    }
    co_return Result<void>{};
}

}  // namespace genq::media
