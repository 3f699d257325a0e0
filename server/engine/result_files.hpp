#pragma once
#include <boost/asio/awaitable.hpp>

#include "server/blobs/blob_store.hpp"
#include "server/domain/job.hpp"

/// Results that are text become files as well: `text` (what a person reads) and `json` (the whole result). There is no
/// URL to fetch them from, so the engine writes them from the job's row, as often as it takes (DESIGN.md, "Results that
/// are text").
namespace genq::engine {

/// Lists the files of a result after the outputs that are there; nothing for a result that only describes those.
void list_result_files(std::vector<Output>& outputs, const boost::json::value& result);

/// True for an output that is written from the job's result.
[[nodiscard]] bool is_result_file(const Output& output);

/// Stores such an output, synced; its media type is the file's, not what its first bytes look like. errc::storage_full,
/// io; errc::invalid_argument: the job's result holds no such text.
[[nodiscard]] boost::asio::awaitable<Result<blobs::BlobInfo>> write_result_file(blobs::BlobStore& blobs, const Job& job,
                                                                                const Output& output);

}  // namespace genq::engine
