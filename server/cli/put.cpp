#include "server/cli/put.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>

#include "common/fs/descriptor.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"

namespace genq::cli {
namespace {

constexpr std::uint64_t slowest_bytes_per_s = 128 << 10;

/// A file as a request's body. Reading blocks, which nobody minds here: the client does one thing at a time.
class FileSource final : public http::BodySource {
  public:
    FileSource(fs::Descriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

    [[nodiscard]] std::uint64_t size() const override { return size_; }
    boost::asio::awaitable<Result<std::string>> read(std::uint64_t offset, std::size_t bytes) override {
        std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, size_ - offset)), '\0');
        const ssize_t got = ::pread(file_.get(), piece.data(), piece.size(), static_cast<off_t>(offset));
        if (got < 0) co_return fs::fail_errno(errno, "the file");
        if (got == 0) co_return fail(errc::io, "the file became shorter while it was sent");
        piece.resize(static_cast<std::size_t>(got));
        co_return piece;
    }

  private:
    fs::Descriptor file_;
    std::uint64_t size_;
};

// What is no file (a pipe, a terminal) tells its size by its end alone, so it becomes a file first: one without a name,
// which goes with the process.
Result<fs::Descriptor> to_file(const fs::Descriptor& stream, const std::string& path) {
    auto file = fs::open_file(std::filesystem::temp_directory_path(), O_TMPFILE | O_RDWR);
    if (!file) return file;
    std::array<std::byte, 1 << 16> piece{};
    for (;;) {
        const ssize_t got = ::read(stream.get(), piece.data(), piece.size());
        if (got < 0)
            return fail(errc::invalid_argument, fmt::format("{} can't be read: {}", path, std::strerror(errno)));
        if (got == 0) return file;
        const auto written = fs::write_all(*file, std::span(piece).first(static_cast<std::size_t>(got)));
        if (!written) return std::unexpected(written.error());
    }
}

Result<std::shared_ptr<FileSource>> open_source(const std::string& path) {
    auto file = fs::open_file(path == "-" ? "/dev/stdin" : path, O_RDONLY);
    if (!file) return fail(errc::invalid_argument, fmt::format("{} can't be read: {}", path, std::strerror(errno)));
    struct stat info{};
    if (::fstat(file->get(), &info) != 0 || S_ISDIR(info.st_mode)) {
        return fail(errc::invalid_argument, fmt::format("{} is not a file", path));
    }
    if (!S_ISREG(info.st_mode)) {
        file = to_file(*file, path);
        if (!file) return std::unexpected(file.error());
        if (::fstat(file->get(), &info) != 0) return fs::fail_errno(errno, path);
    }
    if (info.st_size == 0) return fail(errc::invalid_argument, fmt::format("{} is empty", path));
    return std::make_shared<FileSource>(std::move(*file), static_cast<std::uint64_t>(info.st_size));
}

}  // namespace

Answer put_file(Client& client, const std::string& path) {
    auto source = open_source(path);
    if (!source) return std::unexpected(usage_error(source.error()));
    const auto slow = std::chrono::seconds((*source)->size() / slowest_bytes_per_s);
    return ask(client, {.method = "POST", .target = "/v1/files", .file = *source, .wait = slow});
}

void add_put(Program& program) {
    auto* app = program.add("put", "Send files to the daemon; print their references, which jobs take as input",
                            "  genqd put photo.png\n"
                            "  curl -s https://example.com/photo.png | genqd put -\n"
                            "  genqd submit luma/modify prompt='as a drawing' videoUrl=$(genqd put clip.mp4)\n"
                            "  genqd submit luma/modify prompt='as a drawing' videoUrl=@clip.mp4    # the same");
    auto paths = std::make_shared<std::vector<std::string>>();
    app->add_option("FILE", *paths, "The files; - is the standard input")->required()->type_name("");
    on_client(program, app, [paths](Client& client, bool json) {
        for (const std::string& path : *paths) {
            const auto file = put_file(client, path);
            if (!file) return file.error();
            if (json) {
                print_json(*file);
            } else {
                fmt::print("{}\n", text_at(*file, "ref"));
            }
        }
        return exit_success;
    });
}

}  // namespace genq::cli
