#pragma once
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "server/engine/core.hpp"

namespace genq::engine {

/// Brings the outputs of generated jobs into the blob store before their URLs expire (DESIGN.md, "Downloads"). Decides
/// on the engine strand; the bytes of each job flow on a strand of their own.
class Downloader {
  public:
    explicit Downloader(Core& core) : core_(core) {}

    /// A job in `downloading` whose step is due at `due`; when it runs already, it gets another turn afterwards.
    void add(JobId id, SteadyTime due);
    /// Its job was canceled or deleted: what is under way stops at the next piece.
    void forget(std::int64_t row);
    /// It has a turn to come.
    [[nodiscard]] bool waits(std::int64_t row) const { return known_.contains(row) || again_.contains(row); }
    /// nullopt when nothing waits or all places are taken.
    [[nodiscard]] std::optional<SteadyTime> next_due() const;
    [[nodiscard]] std::optional<JobId> take_due(SteadyTime now);
    [[nodiscard]] std::size_t running() const { return running_.size(); }
    /// Nothing waits: more may be loaded from the store.
    [[nodiscard]] bool drained() const { return due_.empty(); }
    /// Stores the outputs of the job that take_due() gave.
    [[nodiscard]] boost::asio::awaitable<void> run(JobId id);

  private:
    using StopFlag = std::shared_ptr<std::atomic<bool>>;

    [[nodiscard]] boost::asio::awaitable<void> store_outputs(Job job, StopFlag stop);
    /// Stores an output's bytes: fetched, or written from the result. Job and output outlive it.
    [[nodiscard]] boost::asio::awaitable<Result<blobs::BlobInfo>> bytes_of(const Job& job, const Output& output,
                                                                           http::DownloadRequest request,
                                                                           StopFlag stop);
    /// False when the job's downloading ends here for now.
    [[nodiscard]] boost::asio::awaitable<bool> store_output(Job& job, Output& output, StopFlag stop);
    /// A URL in place of a dead one. errc::not_found: kie.ai has none; errc::unreachable: it could not be asked.
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> fresh_url(Job& job, const Output& output);
    [[nodiscard]] boost::asio::awaitable<void> later(Job job, Error error);
    [[nodiscard]] boost::asio::awaitable<void> give_up(Job job, std::string why);

    Core& core_;
    std::set<std::pair<SteadyTime, std::int64_t>> due_;
    struct Waiting {
        JobId id;
        SteadyTime due;
    };
    std::map<std::int64_t, Waiting> known_;  // those of due_
    std::map<std::int64_t, StopFlag> running_;
    std::map<std::int64_t, Waiting> again_;  // those of running_ that were added meanwhile
};

}  // namespace genq::engine
