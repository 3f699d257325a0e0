#pragma once
#include "server/api/engine_port.hpp"
#include "server/engine/engine.hpp"

namespace genq::app {

/// The engine as the API sees it.
class EnginePort final : public api::EnginePort {
  public:
    explicit EnginePort(engine::Engine& engine) : engine_(engine) {}

    [[nodiscard]] std::shared_ptr<const engine::Snapshot> snapshot() const override { return engine_.snapshot(); }
    void wake() override { engine_.wake(); }
    void job_changed(JobId id) override { engine_.job_changed(id); }
    [[nodiscard]] boost::asio::awaitable<Result<void>> pause(engine::PauseRequest request) override {
        return engine_.pause(std::move(request));
    }
    [[nodiscard]] boost::asio::awaitable<Result<void>> resume(std::string model) override {
        return engine_.resume(std::move(model));
    }
    [[nodiscard]] boost::asio::awaitable<Result<void>> release_restored(bool fail_queued) override {
        return engine_.release_restored(fail_queued);
    }
    [[nodiscard]] boost::asio::awaitable<Result<double>> credits() override { return engine_.credits(); }
    [[nodiscard]] boost::asio::awaitable<Result<engine::CallbackVerdict>> callback(engine::CallbackCall call) override {
        return engine_.callback(std::move(call));
    }

  private:
    engine::Engine& engine_;
};

}  // namespace genq::app
