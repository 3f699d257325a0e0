#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "common/http/server.hpp"

namespace genq::http {

/// What the session adds to a handler's answer.
struct HeadOptions {
    std::string_view date;      ///< of this second, for Date
    bool head_request = false;  ///< the header is a GET's, the body stays away
    bool close = false;         ///< the connection ends with this answer
    bool http_1_0 = false;
};

/// The body is made while it is sent: chunked, or in HTTP/1.0 until the connection's end.
[[nodiscard]] bool has_live_body(const Response& response);

/// The length of what the handler wants to send, unless has_live_body().
[[nodiscard]] std::uint64_t body_length(const Response& response);

/// False for answers to HEAD and for the statuses that have no body (RFC 9110 §6.4.1).
[[nodiscard]] bool sends_body(const Response& response, bool head_request);

/// Writes status line and header into `out`, replacing what is there. Fields that the session owns and line ends inside
/// of values do not get through. Pure.
void write_head(std::string& out, const Response& response, const HeadOptions& options);

/// "Not Found" for 404; "" for what has no name.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace genq::http
