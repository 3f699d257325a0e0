#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "common/core/error.hpp"
#include "server/domain/ids.hpp"
#include "server/engine/engine.hpp"

namespace genq::api {

/// What the API needs of the engine. Any thread or strand.
class EnginePort {
  public:
    virtual ~EnginePort() = default;
    [[nodiscard]] virtual std::shared_ptr<const engine::Snapshot> snapshot() const = 0;
    /// There is new work in the store.
    virtual void wake() = 0;
    /// A job was canceled, retried or deleted.
    virtual void job_changed(JobId id) = 0;
    /// Durable before it returns.
    [[nodiscard]] virtual boost::asio::awaitable<Result<void>> pause(engine::PauseRequest request) = 0;
    /// Lifts the pause of a model; with "" every hold.
    [[nodiscard]] virtual boost::asio::awaitable<Result<void>> resume(std::string model) = 0;
    /// Lets a restored state go on; with `fail_queued` what was queued in the backup is ended first.
    [[nodiscard]] virtual boost::asio::awaitable<Result<void>> release_restored(bool fail_queued) = 0;
    /// kie.ai's balance, at most 30 s old.
    [[nodiscard]] virtual boost::asio::awaitable<Result<double>> credits() = 0;
    /// A call of kie.ai's to a submission's callBackUrl.
    [[nodiscard]] virtual boost::asio::awaitable<Result<engine::CallbackVerdict>> callback(
        engine::CallbackCall call) = 0;
};

}  // namespace genq::api
