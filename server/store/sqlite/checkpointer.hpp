#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "common/sql/connection.hpp"
#include "server/store/sqlite/commit_gate.hpp"

namespace genq::store::sqlite {

/// Moves the write-ahead log into the database file, on a thread of its own, so that no commit waits for it.
class Checkpointer {
  public:
    /// `let_go` is called before each checkpoint: idle readers should end their transactions. `gate` is the writer's.
    Checkpointer(std::unique_ptr<sql::Connection> db, CommitGate& gate, std::function<void()> let_go);
    /// Stops; closing the last connection to the file then moves the rest of the log.
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    /// The log holds `pages` after a commit. Any thread.
    void log_grew(int pages);
    /// Ends the thread: `let_go` is not called any more.
    void stop();

  private:
    void loop();
    void move_all();
    [[nodiscard]] int pages() const;

    std::unique_ptr<sql::Connection> db_;
    CommitGate& gate_;
    std::function<void()> let_go_;
    mutable std::mutex mutex_;
    std::condition_variable grew_;
    int pages_ = 0;
    int next_at_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace genq::store::sqlite
