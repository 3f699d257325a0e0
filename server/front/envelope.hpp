#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "common/http/server.hpp"
#include "server/api/problem.hpp"

/// kie.ai's way to answer: always HTTP 200, `{"code","msg","data"}`.
namespace genq::front {

/// `data`: JSON that is written already.
[[nodiscard]] http::Response envelope(int code, std::string_view msg, std::string_view data = "null");
[[nodiscard]] inline http::Response success(std::string_view data) {
    return envelope(200, "success", data);
}

/// kie.ai's code for a refusal of ours. The upstream limit is nobody's business here, so 429 is none of them: a full
/// queue and a full disk are 455, which clients wait out.
[[nodiscard]] int code_of(api::ProblemCode code);
/// What api::Mount says of a request to `target` that no handler sees.
[[nodiscard]] http::Response refusal(std::string_view target, const api::Problem& problem);

/// A refusal in kie.ai's words.
struct No {
    int code = 500;
    std::string msg;
};
template <class T>
using Maybe = std::expected<T, No>;

/// The answer that says it.
[[nodiscard]] inline http::Response refusal(const No& no) {
    return envelope(no.code, no.msg);
}
/// The same of an upload, whose answers say `success` beside the code.
[[nodiscard]] http::Response upload_refusal(const No& no);
/// The same refusal in kie.ai's codes.
[[nodiscard]] No no_of(const api::Problem& problem);

}  // namespace genq::front
