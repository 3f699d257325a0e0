#pragma once
#include <functional>
#include <memory>

#include "common/async/worker_pool.hpp"
#include "common/core/clock.hpp"
#include "common/core/random.hpp"
#include "common/http/transport.hpp"
#include "common/log/log.hpp"
#include "common/metrics/registry.hpp"
#include "server/api/engine_port.hpp"
#include "server/api/event_feed.hpp"
#include "server/api/integrity.hpp"
#include "server/api/signed_url.hpp"
#include "server/api/tokens.hpp"
#include "server/blobs/blob_store.hpp"
#include "server/catalogue/catalogue.hpp"
#include "server/media/thumbnails.hpp"
#include "server/store/change_feed.hpp"
#include "server/store/job_store.hpp"

namespace genq::api {

/// What the API works with; all of it outlives the API and may be called from any thread.
struct Services {
    store::JobStore& store;
    store::ChangeFeed& feed;
    EventFeed& events;
    async::WorkerPool& workers;
    blobs::BlobStore& blobs;
    EnginePort& engine;
    std::function<std::shared_ptr<const catalogue::Catalogue>()> catalogue;
    std::function<std::shared_ptr<const TokenSet>()> tokens;
    Clock& clock;
    Random& random;
    log::Logger& log;
    metrics::Registry& metrics;
    std::function<std::shared_ptr<const UrlKeys>()> url_keys;
    http::Transport* transport = nullptr;  ///< for files that a client names by URL; nullptr: they are refused
    std::function<Integrity()> integrity = [] { return Integrity{}; };
    media::Thumbnails* thumbnails = nullptr;                      // nullptr: there are none
    std::function<bool()> takes_webhooks = [] { return false; };  ///< there is a secret to sign them with
};

}  // namespace genq::api
