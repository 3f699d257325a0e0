#include "common/fs/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "common/fs/descriptor.hpp"

namespace genq::fs {

namespace {

Result<void> write_new(const std::string& path, std::string_view contents, unsigned mode) {
    const auto file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (!file) return std::unexpected(file.error());
    if (auto written = write_all(*file, std::as_bytes(std::span(contents))); !written) return written;
    return sync_file(*file, path);
}

}  // namespace

Result<void> write_file_atomically(const std::string& path, std::string_view contents, unsigned mode) {
    const auto temporary = path + ".tmp." + std::to_string(::getpid());
    auto done = write_new(temporary, contents, mode);
    if (done && ::rename(temporary.c_str(), path.c_str()) != 0) done = fail_errno(errno, path);
    if (!done) {
        ::unlink(temporary.c_str());
        return done;
    }
    const auto folder = std::filesystem::path(path).parent_path();
    return sync_folder(folder.empty() ? "." : folder.string());
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
    const auto file = open_file(path, O_RDONLY);
    if (!file) return std::unexpected(file.error());
    std::string contents;
    std::array<char, 16'384> piece{};
    for (;;) {
        const auto got = ::read(file->get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(errno, path);
        if (got == 0) return contents;
        contents.append(piece.data(), static_cast<std::size_t>(got));
        if (contents.size() > max_bytes) {
            return fail(errc::too_large, path + " is larger than " + std::to_string(max_bytes) + " bytes");
        }
    }
}

}  // namespace genq::fs
