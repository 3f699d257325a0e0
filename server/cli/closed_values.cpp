#include "server/cli/closed_values.hpp"

#include "server/api/tokens.hpp"
#include "server/domain/family.hpp"
#include "server/domain/job_status.hpp"

namespace genq::cli {
namespace {

template <class Enums>
std::vector<std::string> names_of(const Enums& values) {
    std::vector<std::string> names;
    names.reserve(values.size());
    for (const auto value : values) names.emplace_back(to_string(value));
    return names;
}

}  // namespace

std::vector<std::string> closed_values(std::string_view option) {
    if (option == "status") return names_of(all_job_statuses);
    if (option == "family") return names_of(all_families);
    if (option == "error-code") return names_of(all_job_error_codes);
    if (option == "billed") return names_of(all_billed);
    if (option == "scope") return names_of(api::all_scopes);
    return {};
}

}  // namespace genq::cli
