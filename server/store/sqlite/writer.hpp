#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/core/ulid.hpp"
#include "common/sql/connection.hpp"
#include "server/store/deliveries.hpp"
#include "server/store/job_store.hpp"
#include "server/store/sqlite/commit_gate.hpp"
#include "server/store/sqlite/task.hpp"

namespace genq::store::sqlite {

/// A job that others wait for, and how it has ended.
struct Ended {
    JobId id;
    JobStatus status{};
};

/// What an operation that writes works with: a connection inside a transaction.
struct Write {
    sql::Connection& db;
    UlidSource& ulids;
    WallTime now;
    std::vector<std::int64_t>& changed;  // jobs that a reader may see differently after the commit
    std::vector<JobEnd>& ends;           // jobs that end with the commit
    const EventBody& event_body;         // empty: webhooks are told nothing
    const OwnTrace& own_trace;           // empty: who comes without a trace has none
    std::vector<Ended> ended{};          // settle_dependants() takes them up, at the end of the operation
};

/// The one thread that writes. It takes all the work that has gathered while the last commit was syncing, commits it in
/// one transaction, and answers each of it after the commit. When one of it fails, all is done once more with a
/// savepoint each: a savepoint makes SQLite copy every page that is about to change, which is too dear for what hardly
/// ever happens. There is no gathering timer: work that comes alone is committed at once.
class Writer {
  public:
    struct Options {
        std::size_t queue_limit = 0;
        bool threaded = true;  // false: push() does the work itself
        OnChange on_change;
        OnEnd on_end;
        std::function<void(std::size_t)> on_commit;
        EventBody event_body;
        OwnTrace own_trace;
    };
    using Work = std::unique_ptr<Task<Write>>;

    /// `commits` counts them: it rises before those whose work was in the commit are answered. No transaction begins
    /// while `gate` is closed.
    Writer(std::unique_ptr<sql::Connection> db, Clock& clock, UlidSource& ulids, std::atomic<std::uint64_t>& commits,
           CommitGate& gate, Options options);
    /// Does what is queued, then ends the thread.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Any thread. A full queue answers errc::busy.
    void push(Work work);

  private:
    void loop();
    void commit(std::vector<Work>& batch);
    /// `careful`: what fails is undone alone. Else its failure fails all.
    [[nodiscard]] Result<void> write(std::span<Work> batch, bool careful);
    void publish();

    std::unique_ptr<sql::Connection> db_;
    Clock& clock_;
    UlidSource& ulids_;
    std::atomic<std::uint64_t>& commits_;
    CommitGate& gate_;
    Options options_;
    std::vector<std::int64_t> changed_;  // the writer's thread
    std::vector<JobEnd> ends_;           // likewise

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<Work> queue_;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses the rest
};

}  // namespace genq::store::sqlite
