#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/server.hpp"

namespace genq::http {

/// Why a request is refused before any handler sees it.
struct RefusedRequest {
    int status = 400;
    std::string_view detail;
};

/// Reads one request after the other out of bytes that come piece by piece: Beast's parser and the rules that it leaves
/// to us. No input or output; one strand.
class RequestReader {
  public:
    /// `streams` as in Server: what it says of a request goes before `max_body_bytes`.
    RequestReader(std::uint32_t max_header_bytes, std::uint64_t max_body_bytes, Streams streams = nullptr);
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    /// A fresh parser for the next request.
    void start();
    /// Takes what it can use off the front of `bytes` and returns how much that was; 0 without refusal: more is needed.
    [[nodiscard]] std::size_t put(std::string_view bytes);
    /// Set when the request can't go on; nothing more may be put.
    [[nodiscard]] const std::optional<RefusedRequest>& refused() const;

    [[nodiscard]] bool header_done() const;
    [[nodiscard]] bool done() const;
    /// The client waits for `100 Continue` (known when header_done()).
    [[nodiscard]] bool expects_continue() const;
    /// The body is not gathered: take_body() (known when header_done()).
    [[nodiscard]] bool streamed() const;
    /// What has come of the body since the last call.
    [[nodiscard]] std::string take_body();
    /// The client lets the connection live on.
    [[nodiscard]] bool keep_alive() const;
    /// HTTP/1.0, which wants `Connection: keep-alive` to be said.
    [[nodiscard]] bool http_1_0() const;
    [[nodiscard]] bool is_head() const;
    /// How much of a body of known length has not come yet.
    [[nodiscard]] std::optional<std::uint64_t> missing_bytes() const;
    /// The request as far as it has come: without its body, when header_done().
    [[nodiscard]] const Request& head() const;
    /// The request, when done(), or header_done() of one that is streamed. peer and tls are the caller's to fill in.
    [[nodiscard]] Request take();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace genq::http
