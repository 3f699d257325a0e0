#include <gtest/gtest.h>

#include <set>

#include "server/api/problem.hpp"

namespace genq::api {
namespace {

TEST(Problem, has_the_status_of_its_code) {
    std::set<std::string_view> names;
    for (const ProblemCode code : all_problem_codes) {
        const auto response = to_response({.code = code, .detail = "x"});
        EXPECT_EQ(response.status, status_of(code));
        EXPECT_GE(response.status, 400);
        EXPECT_EQ(response.headers.has("Retry-After"), response.status == 429 || response.status == 503);
        names.insert(to_string(code));
    }
    EXPECT_EQ(names.size(), all_problem_codes.size());
    EXPECT_EQ(names.size(), 22U);
}

TEST(Problem, says_of_an_error_what_callers_may_know) {
    const std::vector<std::pair<errc, ProblemCode>> rows{
        {errc::not_found, ProblemCode::not_found},
        {errc::conflict, ProblemCode::conflict},
        {errc::already_exists, ProblemCode::idempotency_conflict},
        {errc::storage_full, ProblemCode::storage_full},
        {errc::busy, ProblemCode::overloaded},
        {errc::io, ProblemCode::internal},
        {errc::corrupt, ProblemCode::internal},
        {errc::unreachable, ProblemCode::upstream_unavailable},
    };
    for (const auto& [error, code] : rows) {
        const auto problem = from_error({.code = error, .detail = "/var/lib/genqd/genqd.db: disk I/O error"});
        EXPECT_EQ(problem.code, code);
        if (status_of(code) >= 500) EXPECT_EQ(problem.detail.find("genqd.db"), std::string::npos);
    }
}

}  // namespace
}  // namespace genq::api
