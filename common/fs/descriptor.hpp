#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "common/core/error.hpp"

namespace genq::fs {

/// Owns a file descriptor. All functions here block: not for an I/O thread.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool is_open() const { return fd_ >= 0; }
    /// Gives it up without closing it.
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }

  private:
    int fd_ = -1;
};

/// The error of the last system call: errc::storage_full (ENOSPC, EDQUOT, EFBIG), not_found, already_exists, forbidden,
/// else io. `what` says what was tried, for people.
[[nodiscard]] std::unexpected<Error> fail_errno(int code, const std::string& what);

/// open(2) with O_CLOEXEC. New files get `mode` less the umask.
[[nodiscard]] Result<Descriptor> open_file(const std::string& path, int flags, unsigned mode = 0600);
/// Writes all of it, from the current position.
[[nodiscard]] Result<void> write_all(const Descriptor& file, std::span<const std::byte> bytes);
/// Returns when the file's bytes are on the disk.
[[nodiscard]] Result<void> sync_file(const Descriptor& file, const std::string& path);
/// Makes what was created, renamed or removed in a folder survive power loss.
[[nodiscard]] Result<void> sync_folder(const std::string& path);

}  // namespace genq::fs
