#pragma once
#include <boost/json/object.hpp>

#include "server/sandbox/call.hpp"

namespace genq::sandbox {

class Workshop;

/// A task as `/api/v1/runway/record-detail` shows it. In the older variant Aleph's tasks are polled there as well.
[[nodiscard]] boost::json::object runway_record(Workshop& shop, const Task& task, const Call& call);

}  // namespace genq::sandbox
