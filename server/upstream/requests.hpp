#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "server/upstream/family.hpp"

/// How the families' requests are put together. Pure.
namespace genq::upstream {

/// A POST whose body is the object.
[[nodiscard]] ApiRequest post_json(std::string_view path, const boost::json::object& body);
/// A GET of `path?taskId=…`.
[[nodiscard]] ApiRequest get_task(std::string_view path, std::string_view task_id);
/// The input as it is, and a callBackUrl if the spec has one: the body of every family but Market.
[[nodiscard]] boost::json::object body_of(const TaskSpec& spec);
/// `input.taskId`, the finished task that an extension or an upgrade starts from; "" if absent.
[[nodiscard]] std::string parent_task(const TaskSpec& spec);

/// The names of endpoint variants: kie.ai's pages, and the older skill text that is in use as well. A query takes ""
/// for the first as well.
inline constexpr std::string_view endpoint_docs = "docs";
inline constexpr std::string_view endpoint_seed = "seed";

}  // namespace genq::upstream
