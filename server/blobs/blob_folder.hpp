#pragma once
#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "common/core/clock.hpp"
#include "common/core/error.hpp"
#include "common/fs/descriptor.hpp"
#include "server/domain/ids.hpp"

namespace genq::blobs {

/// The files of a FolderStore as its process knows them: which it has read and found to be what their names say, and
/// which are damaged (DESIGN.md, "Scrubbing"). All of it blocks, and may run on several threads.
class BlobFolder {
  public:
    explicit BlobFolder(std::string dir) : dir_(std::move(dir)) {}

    /// Makes the folders that are missing, empties `tmp/`, looks what was put aside. errc::forbidden, storage_full, io.
    [[nodiscard]] Result<void> make();

    struct Opened {
        fs::Descriptor file;
        std::uint64_t bytes = 0;
    };
    /// A blob, for reading. The whole of it is hashed first, unless this process wrote it or read it before and the
    /// file was not touched since. errc::not_found; corrupt: it is damaged, and was put aside, now or before; io.
    [[nodiscard]] Result<Opened> open(const Digest& digest);
    /// Reads a blob again in any case; false: it is damaged, and was put aside. errc::not_found; io: the disk does not
    /// give it, and it is left where it is, but counts as damaged.
    [[nodiscard]] Result<bool> check(const Digest& digest);
    /// Gives the file at `temporary`, whole and synced, its name, and takes `temporary` away. A blob that is there
    /// already is renewed, so that remove_unused() lets it be; one that is damaged is put aside first.
    [[nodiscard]] Result<void> take_in(const std::string& temporary, const Digest& digest);
    /// True: it was there, is whole, and is renewed: nothing has to be synced for it.
    [[nodiscard]] Result<bool> renew(const Digest& digest);

    /// errc::not_found.
    [[nodiscard]] Result<void> remove(const Digest& digest);
    /// FolderStore::remove_unused().
    [[nodiscard]] Result<bool> remove_unused(const Digest& digest, WallTime before, bool dry_run);

    /// How many blobs are known to be damaged, or not readable, and were not put in their places again.
    [[nodiscard]] std::size_t damaged() const;
    /// Counts what was put aside before this process began; and no more what was given up (taken out of `damaged/`).
    void recount();

    [[nodiscard]] std::string path_of(const Digest& digest) const;
    [[nodiscard]] const std::string& dir() const { return dir_; }

  private:
    /// Changes whenever somebody writes to the file, or puts another in its place.
    struct Stamp {
        ino_t inode = 0;
        off_t bytes = 0;
        std::int64_t written_ns = 0;
        std::int64_t changed_ns = 0;
        bool operator==(const Stamp&) const = default;
    };
    static Stamp stamp_of(const struct stat& info);

    [[nodiscard]] bool is_known(const Digest& digest, const Stamp& stamp) const;
    void know(const Digest& digest, const Stamp& stamp);
    void forget(const Digest& digest);
    [[nodiscard]] Result<void> put_aside(const Digest& digest);

    const std::string dir_;
    std::mutex storing_;  // held while a blob gets its name, or is judged by its age and removed
    mutable std::mutex mutex_;
    std::map<Digest, Stamp> whole_;  // under mutex_, as is the next
    std::set<Digest> damaged_;
};

}  // namespace genq::blobs
