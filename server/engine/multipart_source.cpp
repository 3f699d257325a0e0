#include "server/engine/multipart_source.hpp"

#include <algorithm>

namespace genq::engine {

boost::asio::awaitable<Result<std::string>> MultipartSource::read(std::uint64_t offset, std::size_t bytes) {
    if (offset < frame_.before.size()) co_return frame_.before.substr(static_cast<std::size_t>(offset), bytes);
    offset -= frame_.before.size();
    if (offset >= bytes_) co_return frame_.after.substr(static_cast<std::size_t>(offset - bytes_), bytes);
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, bytes_ - offset));
    auto piece = co_await blobs_.read(digest_, offset, wanted);
    if (piece && piece->empty()) co_return fail(errc::corrupt, "a blob is shorter than it was");
    co_return piece;
}

}  // namespace genq::engine
