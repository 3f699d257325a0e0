#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/error.hpp"
#include "common/http/message.hpp"

namespace genq::http {

/// Reads one answer out of bytes that come piece by piece; interim answers (1xx) are skipped. No input or output; one
/// strand.
class ResponseReader {
  public:
    /// `max_body_bytes`: nullopt for no limit. `to_head`: the answer has no body whatever its header says.
    ResponseReader(std::optional<std::uint64_t> max_body_bytes, bool to_head);
    ~ResponseReader();
    ResponseReader(const ResponseReader&) = delete;
    ResponseReader& operator=(const ResponseReader&) = delete;

    /// Takes what it can use off the front of `bytes` and returns how much that was. errc::malformed, too_large.
    [[nodiscard]] Result<std::size_t> put(std::string_view bytes);
    /// The peer has closed properly. errc::connection_lost when that is too early.
    [[nodiscard]] Result<void> put_end();

    [[nodiscard]] bool header_done() const;
    [[nodiscard]] bool done() const;
    /// The connection can take another request after this answer.
    [[nodiscard]] bool keep_alive() const;
    [[nodiscard]] int status() const;
    [[nodiscard]] const Fields& headers() const;
    [[nodiscard]] Fields take_headers();
    [[nodiscard]] std::optional<std::uint64_t> content_length() const;
    /// The body's bytes since the last call.
    [[nodiscard]] std::string take_body();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace genq::http
