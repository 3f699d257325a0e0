#pragma once
#include "server/api/query.hpp"
#include "server/api/request_context.hpp"
#include "server/catalogue/catalogue.hpp"
#include "server/store/records.hpp"

namespace genq::api {

/// Which jobs a caller asks for.
struct JobQuery {
    store::JobFilter filter;
    bool nothing = false;  // no job can fit: a caller who sees its own only asks for others'
};

/// The filters of GET /v1/jobs; what is wrong with them is added to the query's faults. Parameters that are none of
/// them are the caller's to refuse.
[[nodiscard]] JobQuery read_filter(Query& query, const Caller& caller, const catalogue::Catalogue& catalogue);

}  // namespace genq::api
