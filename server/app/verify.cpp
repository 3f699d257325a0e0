#include "server/app/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "server/blobs/folder_files.hpp"
#include "server/store/sqlite/check.hpp"

namespace genq::app {
namespace {

/// Hashes what is there. A blob that goes while this looks was deleted with its job, or check_listed() finds it out.
void check_bytes(const std::string& dir, const std::vector<Digest>& digests, Verdict& verdict) {
    for (const auto& digest : digests) {
        const auto whole = blobs::blob_is_whole(blobs::blob_path(dir, digest), digest);
        if (!whole && whole.error().code == errc::not_found) continue;
        ++verdict.blobs;
        if (!whole) {
            verdict.faults.push_back(fmt::format("blob {} can't be read: {}", digest.hex(), whole.error().detail));
        } else if (!*whole) {
            verdict.faults.push_back(
                fmt::format("blob {} is damaged: its bytes are not what its name says", digest.hex()));
        }
    }
}

void check_listed(const std::string& dir, const std::vector<store::ListedBlob>& listed, Verdict& verdict) {
    for (const auto& blob : listed) {
        std::error_code error;
        const auto bytes = std::filesystem::file_size(blobs::blob_path(dir, blob.digest), error);
        if (error && std::filesystem::exists(blobs::damaged_path(dir, blob.digest))) {
            verdict.faults.push_back(
                fmt::format("blob {}, which a job lists, was found damaged and put aside", blob.digest.hex()));
        } else if (error) {
            verdict.faults.push_back(fmt::format("blob {}, which a job lists, is missing", blob.digest.hex()));
        } else if (bytes != blob.bytes) {
            verdict.faults.push_back(
                fmt::format("blob {} has {} bytes where its job says {}", blob.digest.hex(), bytes, blob.bytes));
        }
    }
}

}  // namespace

Result<Verdict> verify(const std::string& state_dir) {
    const auto dir = state_dir + "/blobs";
    // In this order a daemon at work confuses nothing: a blob is there before it is listed.
    auto found = blobs::survey(dir);
    if (!found) return std::unexpected(found.error());
    auto check = store::check_database(state_dir + "/genqd.db");
    if (!check) return std::unexpected(check.error());
    Verdict verdict;
    verdict.jobs = check->jobs;
    verdict.faults = std::move(check->faults);
    verdict.strangers = std::move(found->strangers);
    check_listed(dir, check->blobs, verdict);
    check_bytes(dir, found->digests, verdict);
    if (!check->readable) return verdict;  // who lists what is not known
    const auto digest_of = [](const store::ListedBlob& blob) { return blob.digest; };
    for (const auto& digest : found->digests) {
        if (!std::ranges::binary_search(check->blobs, digest, {}, digest_of)) verdict.unlisted.push_back(digest.hex());
    }
    return verdict;
}

}  // namespace genq::app
