#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "common/core/clock.hpp"
#include "common/core/random.hpp"
#include "common/http/transport.hpp"
#include "common/log/log.hpp"
#include "server/sandbox/ledger.hpp"
#include "server/sandbox/options.hpp"

namespace genq::sandbox {

/// A stand-in for kie.ai on local sockets: every family's endpoints, the rate limit, credits, uploads, media,
/// callbacks, scripted faults. For tests, demonstrations, and for users who want to try without a key. State lives in
/// memory and on a strand of its own.
class Sandbox {
  public:
    /// `callbacks` carries callbacks out and fetches what is uploaded by URL. What is referred to must outlive this. A
    /// time scale that is not above 0 is a bug of the caller's.
    Sandbox(boost::asio::io_context& io, Clock& clock, Random& random, http::Transport& callbacks, log::Logger& log,
            Options options);
    /// stop() must have returned, or the io_context must not run any more.
    ~Sandbox();
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    /// Binds the addresses of the options. errc::invalid_argument (address), errc::io. Call once, before or
    /// while the io_context runs.
    [[nodiscard]] Result<void> start();
    /// `http://127.0.0.1:41234`, of the first address; after start().
    [[nodiscard]] std::string base_url() const;
    /// Ends what hangs, stops listening, drops callbacks that are still to come. Call once, on any executor.
    [[nodiscard]] boost::asio::awaitable<void> stop();
    /// What was seen so far. Any thread.
    [[nodiscard]] Ledger ledger() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace genq::sandbox
