#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace genq::sandbox {

/// What kie.ai's page of a Market model forbids of an input that has all it needs: too long a text, or a shape or
/// length of film that the model does not make. "" for what passes, and for models that the table does not have. Pure.
[[nodiscard]] std::string market_fault(std::string_view slug, const boost::json::object& input);

}  // namespace genq::sandbox
