#pragma once
#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/domain/reference.hpp"
#include "server/engine/core.hpp"
#include "server/upstream/uploads.hpp"

namespace genq::engine {

/// Gets jobs ready whose input refers to files and other jobs: uploads the files to kie.ai, or takes the copies that
/// are there, and writes down the input as it is to be sent (DESIGN.md, "Files and references"). Runs on the engine
/// strand.
class Uploader {
  public:
    explicit Uploader(Core& core) : core_(core) {}

    /// Begins with one more job if there is one and room for it; true if it did. `held`: creates are not sent anyhow,
    /// and copies only last so long.
    [[nodiscard]] boost::asio::awaitable<bool> start(bool held);
    /// When a failed upload is due again.
    [[nodiscard]] std::optional<SteadyTime> next_due() const { return next_at_; }

  private:
    /// Why a job's input can't be got ready.
    struct Trouble {
        enum class Kind { later, upload_failed, wrong_file, dependency_failed } kind{};
        std::string what{};      // for people
        std::string upstream{};  // kie.ai's words
        bool counts = false;     // kie.ai answered: not to be tried for ever
    };
    template <class T>
    using Ready = std::expected<T, Trouble>;

    [[nodiscard]] boost::asio::awaitable<void> run(Job job);
    /// What one reference of `wanting` stands for, in the words of Contents.
    [[nodiscard]] boost::asio::awaitable<Ready<std::string>> look_up(const Job& wanting, const PlacedReference& placed);
    /// True if a job identical to this one, whose contents are known now, answers for it, or it waits no more.
    [[nodiscard]] boost::asio::awaitable<bool> is_answered(const Job& job);
    /// What is sent for one of its contents: the URL of kie.ai's copy of a blob, to whose end `until` is lowered.
    [[nodiscard]] boost::asio::awaitable<Ready<std::string>> resolve(std::string content,
                                                                     std::optional<WallTime>& until);
    /// Why another job's output is no file for that place, which nobody could know when the job was accepted: a
    /// sentence, or "".
    [[nodiscard]] std::string file_fault(const Job& wanting, const PlacedReference& placed, const Output& output) const;
    [[nodiscard]] boost::asio::awaitable<Ready<store::Upload>> copy_of(Digest digest);
    [[nodiscard]] boost::asio::awaitable<Ready<store::Upload>> upload(Digest digest);
    [[nodiscard]] boost::asio::awaitable<Result<upstream::UploadOutcome>> send(upstream::UploadWay way,
                                                                               const upstream::UploadFile& file,
                                                                               const Digest& digest);
    /// It goes to the API's host, where each request counts against the limit.
    [[nodiscard]] bool takes_token(upstream::UploadWay way) const;
    [[nodiscard]] boost::asio::awaitable<void> failed(Job job, Trouble trouble);

    Core& core_;
    std::string last_caller_;
    std::set<std::int64_t> taken_;
    std::optional<SteadyTime> next_at_;
    struct Tries {
        int all = 0;       // for the backoff
        int answered = 0;  // with an error of kie.ai's
    };
    std::map<std::int64_t, Tries> tries_;            // failed ones, by job
    std::multimap<Digest, async::Signal*> waiting_;  // for an upload of the same bytes
    std::set<Digest> uploading_;
    std::set<upstream::UploadWay> gone_;  // endpoints that are not there
};

}  // namespace genq::engine
