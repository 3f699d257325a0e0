#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace genq::sandbox {

/// What kie.ai's page of a Market model, or of another family ("flux"), forbids of an input that has all it needs: too
/// long a text, or a shape or length of film that it does not make. "" for what passes, and for what the table does not
/// have. Pure.
[[nodiscard]] std::string input_fault(std::string_view slug, const boost::json::object& input);

}  // namespace genq::sandbox
