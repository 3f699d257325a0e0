#pragma once
#include <string>

#include "server/store/records.hpp"

/// What of a JobFilter counts for events: its statuses mean those that events tell of; times of creation, `error_codes`
/// and `billed` are not looked at. Pure functions.
namespace genq::api {

/// True for an event of a job that the filter takes.
[[nodiscard]] bool takes(const store::JobFilter& filter, const store::FeedEvent& event);

/// The same text for filters that are written alike, and for no others.
[[nodiscard]] std::string text_of(const store::JobFilter& filter);

}  // namespace genq::api
