#pragma once
#include <boost/asio/awaitable.hpp>
#include <string>

#include "common/async/signal.hpp"
#include "common/core/clock.hpp"
#include "common/log/log.hpp"
#include "server/media/library.hpp"
#include "server/store/job_store.hpp"

namespace genq::media {

/// Fills in what the bytes of stored outputs say of themselves, the newest first, and keeps the cache of thumbnails
/// small. What is left to do stands in the store, so a crash loses nothing. Never fails a job.
class FactKeeper {
  public:
    /// `path`: where the tools are looked for, as PATH has it; "" to do without them. `changed`: the store did, so
    /// there may be outputs to look into.
    FactKeeper(store::JobStore& store, Library& library, std::string path, async::Signal& changed, Clock& clock,
               log::Logger& log);

    /// Until it is cancelled, or without tools. On the signal's strand.
    [[nodiscard]] boost::asio::awaitable<void> run();

  private:
    /// Outputs that wait; false when it is better to try again later.
    [[nodiscard]] boost::asio::awaitable<bool> look_into_all();
    [[nodiscard]] boost::asio::awaitable<bool> look_into(store::UnprobedOutput output);

    store::JobStore& store_;
    Library& library_;
    const std::string path_;
    async::Signal& changed_;
    Clock& clock_;
    log::Logger& log_;
};

}  // namespace genq::media
