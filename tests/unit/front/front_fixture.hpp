#pragma once
#include "server/front/front.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include "server/upstream/family.hpp"

#include "tests/unit/api/api_fixture.hpp"

namespace genq::front::test {

using api::DaemonBudget;
using api::Scope;
using api::Token;
using api::TokenSet;
using api::test::ApiTest;
using api::test::code_of;
using api::test::json_of;
using api::test::Pending;
using api::test::text_of;

/// The API with kie.ai's own paths beside it.
class FrontTest : public ApiTest {
  protected:
    FrontTest();

    /// The answer under /api: HTTP 200, an envelope, never a problem; that is checked.
    [[nodiscard]] boost::json::object ask(const std::string& method, const std::string& target,
                                          const std::string& body = "", http::Fields headers = {});
    /// A create that is taken; the task's id.
    [[nodiscard]] std::string create(const std::string& path, const std::string& body);
    /// A poll that knows the task: its `data`.
    [[nodiscard]] boost::json::object poll(const std::string& path, const std::string& id);
    [[nodiscard]] boost::json::object input_of(const std::string& id);

    /// The record in tests/data/kie, as kie.ai gives it, becomes the job's result: read by the client side's own
    /// adapter, its outputs stored, so that what the poll shows can be held against what kie.ai showed.
    void succeed_with(const std::string& id, const std::string& sample);
    void fail_with(const std::string& id, JobErrorCode code, bool with_task);

    [[nodiscard]] static boost::json::object sample(const std::string& name);
};

/// Each member of `wanted` is in `got`, and of the same JSON type (numbers alike), all the way down: objects by their
/// members, lists by their first element. `but`: names that may be missing or of another type.
void expect_shape(const boost::json::value& wanted, const boost::json::value& got,
                  const std::vector<std::string>& but = {}, const std::string& at = "");

}  // namespace genq::front::test
