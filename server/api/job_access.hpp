#pragma once
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>

#include "server/api/core.hpp"
#include "server/api/request_context.hpp"

namespace genq::api {

/// The job that the route's {id} names, if the caller may see it. not_found.
[[nodiscard]] boost::asio::awaitable<Checked<Job>> find_job(Core& core, Context& context);

/// find_job(), with its place in the queue. not_found.
[[nodiscard]] boost::asio::awaitable<Checked<store::Placed>> find_placed_job(Core& core, Context& context);

/// find_job(), if the caller may change it too. not_found, forbidden.
[[nodiscard]] boost::asio::awaitable<Checked<Job>> find_job_to_change(Core& core, Context& context);

/// The job, if it is there, as soon as `enough` says so of it, else as it is at `until` or when the daemon drains.
/// not_found when it was deleted meanwhile. `enough` must not refer to what ends before the call does.
[[nodiscard]] boost::asio::awaitable<Checked<Job>> wait_for(Core& core, const Context& context, JobId id,
                                                            SteadyTime until, std::function<bool(const Job&)> enough);

/// What a new create of that model for that caller has to fit into (DESIGN.md, "Budgets and usage").
[[nodiscard]] Admission admission_for(Core& core, std::string_view caller, std::string_view model);

/// Fills the job's reuse key, on a thread of the pool if its input is large; then pass_over_damaged().
[[nodiscard]] boost::asio::awaitable<void> prepare_reuse(Core& core, NewJob& job);

/// If the result that would answer for the job has lost a blob it won't (NewJob::reuse_after).
[[nodiscard]] boost::asio::awaitable<void> pass_over_damaged(Core& core, NewJob& job);

/// The job resource with its ETag, and Retry-After while it is unfinished.
[[nodiscard]] http::Response job_response(Core& core, const Job& job, int status, std::optional<int> position = {},
                                          const UrlSigner* signer = nullptr);

/// 304 for who knows the job's version already: the header of job_response() without its body (RFC 9110 §15.4.5).
[[nodiscard]] http::Response unchanged_response(Core& core, const Job& job, std::optional<int> position);

/// A body of JSON.
[[nodiscard]] http::Response json_response(int status, std::string body);

/// What callers are told of an error of the store, the blob store or the engine; the log tells operators the rest.
[[nodiscard]] Problem reported(Core& core, const Context& context, const Error& error);

}  // namespace genq::api
