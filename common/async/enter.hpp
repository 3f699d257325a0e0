#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace genq::async {

/// Goes on running on `executor` (a strand, say) from the next statement. The plain `post(strand, use_awaitable)` hops
/// there and back again, so that what follows would race; this is the one place that writes it rightly.
template <class Executor>
[[nodiscard]] boost::asio::awaitable<void> enter(Executor executor) {
    co_await boost::asio::post(boost::asio::bind_executor(executor, boost::asio::use_awaitable));
}

}  // namespace genq::async
