#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>
#include <variant>

#include "common/core/clock.hpp"
#include "common/core/error.hpp"

namespace genq::async {

/// Waits for `operation` until `deadline`; then cancels it, waits until it has ended, and returns errc::timeout. The
/// operation must not throw but for cancellation: `||` waits for the first *success*, so an error thrown early would
/// be lost until the deadline. The one place that writes `||`.
template <class T>
[[nodiscard]] boost::asio::awaitable<Result<T>> with_timeout(Clock& clock, SteadyTime deadline,
                                                             boost::asio::awaitable<Result<T>> operation) {
    // A caller that has entered another strand would start the two sides there and end them here: `||` can then cancel
    // the second before it has begun, and that exception escapes. So both begin on the caller's own executor.
    co_await boost::asio::dispatch(boost::asio::use_awaitable);
    using boost::asio::experimental::awaitable_operators::operator||;
    auto first = co_await (std::move(operation) || clock.sleep_until(deadline));
    if (auto* result = std::get_if<0>(&first)) co_return std::move(*result);
    co_return fail(errc::timeout, "no answer in time");
}

}  // namespace genq::async
