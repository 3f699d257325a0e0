#pragma once
#include <boost/json/object.hpp>
#include <vector>

#include "common/json/object_reader.hpp"

namespace genq::catalogue {

/// The keyword `x-genqd-total` of an input's lists: how many characters one member may have over all elements. A fault
/// for each list that has more. Pure; its time grows with the input.
void check_totals(const boost::json::object& input, const boost::json::object& schema,
                  std::vector<json::Fault>& faults);

}  // namespace genq::catalogue
