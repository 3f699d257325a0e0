#include "server/engine/reusable.hpp"

namespace genq::engine {

boost::asio::awaitable<std::int64_t> below_whole(store::JobStore& store, blobs::BlobStore& blobs,
                                                 std::string reuse_key) {
    const auto original = co_await store.reusable(std::move(reuse_key));
    if (!original || !*original) co_return 0;
    for (const Output& output : (*original)->outputs) {
        if (output.digest && !co_await blobs.open(*output.digest)) co_return (*original)->id.row();
    }
    co_return 0;
}

}  // namespace genq::engine
