#include <algorithm>

#include "server/sandbox/uploads.hpp"

namespace genq::sandbox {
namespace {

constexpr std::uint64_t most_bytes = 256ULL << 20;

}  // namespace

void UploadStore::drop_oldest() {
    const auto oldest = files_.find(order_.front());
    bytes_ -= oldest->second.bytes.size();
    files_.erase(oldest);
    order_.pop_front();
}

void UploadStore::put(std::string path, std::string bytes, std::string content_type, SteadyTime now) {
    if (const auto old = files_.find(path); old != files_.end()) {
        bytes_ -= old->second.bytes.size();
        files_.erase(old);
        order_.erase(std::ranges::find(order_, path));
    }
    bytes_ += bytes.size();
    order_.push_back(path);
    files_.emplace(std::move(path), File{std::move(bytes), std::move(content_type), now + ttl_});
    while (bytes_ > most_bytes && order_.size() > 1) drop_oldest();
}

const UploadStore::File* UploadStore::find(const std::string& path, SteadyTime now) const {
    const auto found = files_.find(path);
    return found == files_.end() || found->second.until <= now ? nullptr : &found->second;
}

}  // namespace genq::sandbox
