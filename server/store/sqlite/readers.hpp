#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/sql/connection.hpp"
#include "server/store/sqlite/ready_order.hpp"
#include "server/store/sqlite/task.hpp"

namespace genq::store::sqlite {

/// What an operation that reads works with: a connection inside a transaction, and what was learnt in that one already.
struct Read {
    sql::Connection& db;
    ReadyOrder& order;
};

/// Threads that read, each on its own connection; one alone takes all that waits at once. A read transaction stays open
/// until the writer has committed again, which makes reads by key several times faster than a transaction each.
class Readers {
  public:
    using Work = std::unique_ptr<Task<Read>>;

    /// `commits`: the writer's counter. `threaded`: false does the work in push(), on the first connection.
    Readers(std::vector<std::unique_ptr<sql::Connection>> connections, const std::atomic<std::uint64_t>& commits,
            std::size_t queue_limit, bool threaded);
    /// Does what is queued, then ends the threads.
    ~Readers();
    Readers(const Readers&) = delete;
    Readers& operator=(const Readers&) = delete;

    /// Any thread. A full queue answers errc::busy.
    void push(Work work);
    /// Has readers end their transactions, so that a checkpoint gets further; waits for it, but not for long: a list
    /// may take its time. The checkpointer's thread.
    void let_go();

  private:
    struct Reader {
        std::unique_ptr<sql::Connection> db;
        ReadyOrder order;
        std::uint64_t seen = 0;  // the commit counter when the transaction began
        bool let_go = false;     // asked for and not yet done; under the mutex
        std::thread thread;
    };

    void loop(Reader& reader);
    void read(Reader& reader, Task<Read>& work);
    static void end(Reader& reader);

    const std::atomic<std::uint64_t>& commits_;
    const std::size_t queue_limit_;
    const bool threaded_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::condition_variable gone_;  // a let_go was done
    std::vector<Work> queue_;
    bool stopping_ = false;
    std::vector<Reader> readers_;  // fixed after construction
};

}  // namespace genq::store::sqlite
