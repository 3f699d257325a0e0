#pragma once
#include <functional>
#include <string>
#include <vector>

#include "common/core/error.hpp"
#include "server/domain/ids.hpp"

/// The files of a FolderStore, for tools that look at them or copy them, whether a daemon uses the store or not. `dir`
/// is
/// `<state>/blobs` throughout. All of this blocks.
namespace genq::blobs {

/// Where a blob lies, or would lie.
[[nodiscard]] std::string blob_path(const std::string& dir, const Digest& digest);

/// Where a blob is put that was found damaged, for people to look at.
[[nodiscard]] std::string damaged_path(const std::string& dir, const Digest& digest);

/// Reads the whole file; true if its bytes are the digest's. errc::not_found, forbidden, io (a disk that can't be
/// read).
[[nodiscard]] Result<bool> blob_is_whole(const std::string& path, const Digest& digest);

struct Survey {
    std::vector<Digest> digests;         // of the blobs that are there, by their names; sorted
    std::vector<std::string> strangers;  // other files under sha256/, which nothing here wrote
};
/// A store that is missing has no blobs. errc::forbidden, io.
[[nodiscard]] Result<Survey> survey(const std::string& dir);

/// Copies a blob into another store, hashed on its way and synced, as a FolderStore does it. One that is there is
/// hashed too, and left alone if it is whole; else it is copied `again`. Its folders are synced by sync_blobs() alone.
/// errc::not_found; corrupt: the bytes are not the digest's, and nothing was stored; storage_full, forbidden, io.
enum class Copied { now, before, again };
[[nodiscard]] Result<Copied> copy_blob(const std::string& from_dir, const std::string& to_dir, const Digest& digest);
/// Makes the names of all blobs of a store survive power loss.
[[nodiscard]] Result<void> sync_blobs(const std::string& dir);

}  // namespace genq::blobs
