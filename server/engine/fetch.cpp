#include "server/engine/fetch.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr int tries_without_progress = 4;

/// Hands the body on to a blob writer, and drops what was there when the server starts over.
class BlobSink final : public http::Sink {
  public:
    BlobSink(blobs::BlobWriter& writer, std::shared_ptr<std::atomic<bool>> stop)
        : writer_(writer), stop_(std::move(stop)) {}

    Result<void> begin(const http::Fields& headers, std::uint64_t offset, std::optional<std::uint64_t>) override {
        // A weak ETag says nothing about bytes (RFC 9110 §13.1.5), so only a strong one may guard a resumption.
        const std::string_view tag = headers.get("ETag");
        const std::string strong(tag.starts_with("W/") ? std::string_view() : tag);
        // Parts of two representations must not be glued together (RFC 9110 §15.3.7.3), whatever the server thinks.
        const bool same = offset == 0 || (offset == writer_.size() && strong == validator_);
        if (!same) {
            validator_.clear();
            return fail(errc::malformed, "the server sent another file, or another part, than the one asked for");
        }
        validator_ = strong;
        return offset == 0 && writer_.size() > 0 ? writer_.restart() : Result<void>();
    }

    asio::awaitable<Result<void>> write(std::span<const std::byte> bytes) override {
        if (*stop_) co_return fail(errc::canceled, "the job was canceled");
        co_return co_await writer_.write(bytes);
    }

    [[nodiscard]] const std::string& validator() const { return validator_; }

  private:
    blobs::BlobWriter& writer_;
    std::shared_ptr<std::atomic<bool>> stop_;
    std::string validator_;
};

bool is_final(errc code) {
    return code == errc::storage_full || code == errc::too_large || code == errc::forbidden || code == errc::canceled ||
           code == errc::io || code == errc::invalid_argument;
}

}  // namespace

asio::awaitable<Result<blobs::BlobInfo>> fetch(Clock& clock, http::Transport& transport, blobs::BlobStore& blobs,
                                               http::DownloadRequest request, std::shared_ptr<std::atomic<bool>> stop) {
    auto writer = blobs.create();
    if (!writer) co_return std::unexpected(writer.error());
    BlobSink sink(**writer, stop);
    int idle_tries = 0;
    Error last{errc::connection_lost, "the download broke off"};
    while (idle_tries < tries_without_progress) {
        const std::uint64_t before = (*writer)->size();
        // Without a validator a changed file could be glued to the old one's beginning: start over instead.
        if (before > 0 && sink.validator().empty()) {
            if (auto restarted = (*writer)->restart(); !restarted) co_return std::unexpected(restarted.error());
        }
        request.offset = (*writer)->size();
        request.if_range = request.offset > 0 ? sink.validator() : "";
        const auto got = co_await transport.download(request, sink);
        if (*stop) co_return fail(errc::canceled, "the job was canceled");
        if (got && (got->status == 200 || got->status == 206) && got->complete) co_return co_await (*writer)->commit();
        if (got && (got->status == 403 || got->status == 404 || got->status == 410)) {
            co_return fail(errc::not_found, "the result's URL has expired (HTTP " + std::to_string(got->status) + ")");
        }
        if (got && got->status == 416) {
            if (auto restarted = (*writer)->restart(); !restarted) co_return std::unexpected(restarted.error());
        }
        last = got ? Error{errc::connection_lost, "the media host answered HTTP " + std::to_string(got->status)}
                   : got.error();
        if (is_final(last.code)) co_return std::unexpected(last);
        idle_tries = (*writer)->size() > before ? 0 : idle_tries + 1;
        co_await clock.sleep_until(clock.now() + 500ms * (1 << std::min(idle_tries, 4)));
    }
    co_return std::unexpected(last);
}

}  // namespace genq::engine
