#include "server/app/backup.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "common/fs/atomic_file.hpp"
#include "common/fs/descriptor.hpp"
#include "server/app/collector.hpp"
#include "server/app/state_dir.hpp"
#include "server/blobs/folder_files.hpp"
#include "server/store/sqlite/check.hpp"
#include "server/store/sqlite/copy.hpp"

namespace genq::app {
namespace {

constexpr std::size_t longest_url_keys = 4096;

/// A database that a daemon worked on since it was restored is no backup: it may hold what nothing else does.
Result<void> check_replaceable(const std::string& target, const std::string& database) {
    if (!std::filesystem::exists(database)) return {};
    const auto fresh = store::is_fresh_copy(database);
    if (!fresh) return std::unexpected(fresh.error());
    if (*fresh) return {};
    return fail(
        errc::conflict,
        fmt::format("{} holds a database that is no backup, or was served since: back up into another directory.",
                    target));
}

Result<void> copy_blobs(const std::string& from, const std::string& to, const std::vector<store::ListedBlob>& blobs,
                        Backup& backup) {
    for (const auto& blob : blobs) {
        const auto copied = blobs::copy_blob(from, to, blob.digest);
        if (copied) {
            ++(*copied == blobs::Copied::now      ? backup.blobs_copied
               : *copied == blobs::Copied::before ? backup.blobs_there
                                                  : backup.blobs_mended);
        } else if (copied.error().code == errc::corrupt) {
            backup.faults.push_back(fmt::format("blob {} is damaged", blob.digest.hex()));
        } else if (copied.error().code == errc::not_found) {
            const bool is_aside = std::filesystem::exists(blobs::damaged_path(from, blob.digest));
            backup.faults.push_back(fmt::format("blob {} {}", blob.digest.hex(),
                                                is_aside ? "was found damaged and put aside" : "is missing"));
        } else {
            return std::unexpected(copied.error());
        }
    }
    return {};
}

/// Signed URLs that were given out hold after a restore too.
Result<void> copy_url_keys(const std::string& from, const std::string& to) {
    const auto keys = fs::read_file(from + "/url_keys", longest_url_keys);
    if (!keys && keys.error().code == errc::not_found) return {};
    if (!keys) return std::unexpected(keys.error());
    return fs::write_file_atomically(to + "/url_keys", *keys);
}

/// Whether a path is the folder, or below it, also by way of symbolic links.
bool is_in(const std::filesystem::path& path, const std::filesystem::path& folder) {
    std::error_code ignored;
    const auto inner = std::filesystem::weakly_canonical(path, ignored);
    const auto outer = std::filesystem::canonical(folder, ignored);
    return std::ranges::mismatch(outer, inner).in1 == outer.end();
}

}  // namespace

Result<Backup> back_up(const std::string& state_dir, const std::string& target, Clock& clock) {
    const auto source = state_dir + "/genqd.db";
    if (!std::filesystem::exists(source)) return fail(errc::not_found, fmt::format("There is no database {}.", source));
    if (is_in(target, state_dir)) {
        return fail(errc::invalid_argument, "The backup needs a directory outside of the state directory.");
    }
    // What the copy lists must not be collected before it is copied too.
    const auto kept = keep_blobs(state_dir);
    if (!kept) return std::unexpected(kept.error());
    const auto held = StateDir::open(target);
    if (!held) return std::unexpected(held.error());
    const auto database = held->database();
    if (auto may = check_replaceable(target, database); !may) return std::unexpected(may.error());

    const auto temporary = database + ".tmp";
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) ::unlink((temporary + suffix).c_str());
    if (auto copied = store::copy_database(source, temporary, clock.wall_now()); !copied) {
        return std::unexpected(copied.error());
    }
    const auto check = store::check_database(temporary);
    if (!check) return std::unexpected(check.error());
    if (!check->faults.empty()) {
        return fail(errc::corrupt,
                    fmt::format("The database {} is damaged ({}), and was not backed up; an earlier backup in "
                                "{} is as it was. See `genqd verify`.",
                                source, check->faults.front(), target));
    }
    Backup backup;
    backup.jobs = check->jobs;
    const auto blobs = held->path() + "/blobs";
    if (auto copied = copy_blobs(state_dir + "/blobs", blobs, check->blobs, backup); !copied) {
        return std::unexpected(copied.error());
    }
    // Names before what lists them: whenever this is cut off, what the database lists is there.
    if (auto copied = copy_url_keys(state_dir, held->path()); !copied) return std::unexpected(copied.error());
    if (backup.blobs_copied + backup.blobs_mended > 0) {
        if (auto synced = blobs::sync_blobs(blobs); !synced) return std::unexpected(synced.error());
    }
    for (const char* suffix : {"-wal", "-shm"}) ::unlink((temporary + suffix).c_str());  // the check's, empty
    for (const char* suffix : {"-wal", "-shm"}) ::unlink((database + suffix).c_str());   // an earlier check's
    if (std::rename(temporary.c_str(), database.c_str()) != 0) return fs::fail_errno(errno, database);
    if (auto synced = fs::sync_folder(held->path()); !synced) return std::unexpected(synced.error());
    return backup;
}

}  // namespace genq::app
