#pragma once
#include <boost/asio/awaitable.hpp>

#include "server/engine/core.hpp"

namespace genq::engine {

/// Sends one request that costs nothing (credit check, a record read again, a download link) as soon as the limit
/// leaves a token for it. Engine strand. The answer is whatever came; nothing is tried again. `more` is added to the
/// usual time for it, for a body that takes long.
[[nodiscard]] boost::asio::awaitable<http::Exchange> query_once(Core& core, const upstream::ApiRequest& request);
[[nodiscard]] boost::asio::awaitable<http::Exchange> query_once(Core& core, http::ClientRequest request,
                                                                std::chrono::seconds more);
/// The same with a token that was taken already.
[[nodiscard]] boost::asio::awaitable<http::Exchange> query_with_token(Core& core, http::ClientRequest request,
                                                                      std::chrono::seconds more);

}  // namespace genq::engine
