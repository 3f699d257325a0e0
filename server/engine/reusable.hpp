#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>

#include "server/blobs/blob_store.hpp"
#include "server/store/job_store.hpp"

namespace genq::engine {

/// Below which row no job's result may be reused for that key: that of the job that would answer, if one of its files
/// is gone or damaged, else 0. Any strand.
[[nodiscard]] boost::asio::awaitable<std::int64_t> below_whole(store::JobStore& store, blobs::BlobStore& blobs,
                                                               std::string reuse_key);

}  // namespace genq::engine
