#pragma once
#include <optional>
#include <string>

#include "common/json/writer.hpp"
#include "server/api/estimate.hpp"
#include "server/api/options.hpp"
#include "server/api/signed_url.hpp"
#include "server/catalogue/catalogue.hpp"
#include "server/domain/job.hpp"
#include "server/engine/engine.hpp"
#include "server/store/job_store.hpp"

namespace genq::api {

/// A job as a reader sees it at one moment.
struct JobView {
    const Job& job;
    const engine::Snapshot& snapshot;
    const catalogue::Catalogue& catalogue;
    WallTime now{};
    const Options& options;
    std::optional<int> position;        ///< among the jobs that are ready; unknown in lists
    const UrlSigner* signer = nullptr;  ///< set: outputs have a `signed_url`

    [[nodiscard]] Estimate estimate() const;
};

/// Appends the job resource (API.md): all members, null where they don't apply.
void write_job(json::Writer& out, const JobView& view);
/// Appends the array `outputs` of the job resource; with `signer` each has a `signed_url`.
void write_outputs(json::Writer& out, const Job& job, const UrlSigner* signer = nullptr);

/// `W/"<id>.<version>"`. What a queued job shows depends on the queue too: its epoch is part of the version, and
/// the store keeps the sum rising (DESIGN.md "Versions").
[[nodiscard]] std::string job_etag(const Job& job, const engine::Snapshot& snapshot);

/// Appends one row of a job's history.
void write_event(json::Writer& out, const JobEvent& event);
/// `longest_wait`: what holds where the catalogue says nothing; `learnt`: how long its tasks took, or null.
void write_model(json::Writer& out, const catalogue::Model& model, std::chrono::seconds longest_wait,
                 const polling::Learnt* learnt);
/// So many ready jobs are counted at most, so that the resource costs the same in a queue of millions.
inline constexpr int most_ready_counted = 10'000;
/// The jobs that could be sent, without those of paused models.
struct Line {
    int ready = 0;              ///< how many they are, at most most_ready_counted
    std::vector<JobId> next{};  ///< whose turn comes next
};
/// The resource of `GET /v1/queue`. `steady_now` is the moment that tokens come back after.
void write_queue(json::Writer& out, const store::QueueStats& stats, const Line& line, const engine::Snapshot& snapshot,
                 WallTime now, SteadyTime steady_now);

}  // namespace genq::api
