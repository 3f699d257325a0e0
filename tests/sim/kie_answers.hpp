#pragma once
#include <fmt/format.h>
#include <string>
#include <string_view>

#include "common/http/transport.hpp"

namespace genq::sim {

[[nodiscard]] inline http::ClientResponse answer(std::string body, int status = 200) {
    http::ClientResponse response;
    response.status = status;
    response.headers.set("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

/// kie.ai's envelope without data.
[[nodiscard]] inline http::ClientResponse envelope(int code, std::string_view message) {
    return answer(fmt::format(R"({{"code":{},"msg":"{}","data":null}})", code, message));
}

/// The text between `start` and the next quotation mark; "" if there is no `start`.
[[nodiscard]] inline std::string text_after(const std::string& text, std::string_view start) {
    const auto at = text.find(start);
    if (at == std::string::npos) return "";
    const auto begin = at + start.size();
    return text.substr(begin, text.find('"', begin) - begin);
}

}  // namespace genq::sim
