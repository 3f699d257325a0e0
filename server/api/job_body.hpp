#pragma once
#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>

#include "server/api/problem.hpp"
#include "server/api/validation.hpp"
#include "server/catalogue/catalogue.hpp"
#include "server/domain/job.hpp"

namespace genq::api {

/// What a job is made from, besides the body.
struct Acceptance {
    const catalogue::Catalogue& catalogue;
    bool allow_unknown_models = true;
    Validation validation = Validation::warn;
    std::string caller;
    WallTime now{};
    bool takes_webhooks = false;  ///< there is a secret to sign them with
};

/// A job as its caller wrote it.
struct ReadJob {
    NewJob job;
    /// What its input was checked against, and what the files that it refers to have to fit; null: it was not checked.
    std::shared_ptr<const catalogue::InputSchema> schema{};
};

/// The body of POST /v1/jobs as a job; `body` is consumed. validation_failed or unknown_model, with a pointer for each
/// fault.
[[nodiscard]] Checked<ReadJob> read_job(boost::json::object body, const Acceptance& acceptance);

/// `labels` of a body, sorted; none when it is absent. A fault for each that is no string, or too long, or too many.
[[nodiscard]] Labels read_labels(const boost::json::object& body, std::vector<json::Fault>& faults);

/// `deadline_s` of a body as a time, or nullopt when it is absent or null. Faults unless it is from above 0 to ten
/// years.
[[nodiscard]] std::optional<WallTime> read_deadline(const boost::json::object& body, WallTime now,
                                                    std::vector<json::Fault>& faults);

/// What callers are told of a model's name that the catalogue lacks, with the nearest one that it has.
[[nodiscard]] std::string not_in_catalogue(const catalogue::Catalogue& catalogue, std::string_view name);

/// kie.ai's families, for a caller who wrote none of them.
[[nodiscard]] std::string family_names();

/// The kind of a job whose model the catalogue does not know: by what its family makes.
[[nodiscard]] std::string_view passed_through_kind(Family family);

}  // namespace genq::api
