#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "server/api/problem.hpp"
#include "server/catalogue/catalogue.hpp"
#include "server/domain/job.hpp"

namespace genq::api {

/// What a job is made from, besides the body.
struct Acceptance {
    const catalogue::Catalogue& catalogue;
    bool allow_unknown_models = true;
    std::string caller;
    WallTime now{};
};

/// The body of POST /v1/jobs as a job; `body` is consumed. validation_failed or unknown_model, with a pointer for each
/// fault.
[[nodiscard]] Checked<NewJob> read_job(boost::json::object body, const Acceptance& acceptance);

/// `deadline_s` of a body as a time, or nullopt when it is absent or null. Faults unless it is from above 0 to ten
/// years.
[[nodiscard]] std::optional<WallTime> read_deadline(const boost::json::object& body, WallTime now,
                                                    std::vector<json::Fault>& faults);

}  // namespace genq::api
