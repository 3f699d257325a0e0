#pragma once
#include <string>
#include <utility>

#include "common/http/transport.hpp"

namespace genq::upstream::test {

/// An exchange whose request left whole and was answered.
inline http::Exchange answer(int status, std::string body, http::Fields headers = {}) {
    return {http::ClientResponse{status, std::move(headers), std::move(body)}, http::Written::fully};
}

/// An exchange without an answer.
inline http::Exchange no_answer(http::Written written, errc code = errc::timeout) {
    return {fail(code, "no answer came"), written};
}

/// kie.ai's envelope as text.
inline std::string envelope(int code, const std::string& message, const std::string& data = "null") {
    return R"({"code":)" + std::to_string(code) + R"(,"msg":")" + message + R"(","data":)" + data + "}";
}

}  // namespace genq::upstream::test
