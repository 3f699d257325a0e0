#pragma once
#include <condition_variable>
#include <mutex>

namespace genq::store::sqlite {

/// Keeps the writer between two commits while the checkpointer finishes with the log. Not a plain mutex: the writer
/// would take that again before the checkpointer, which waits for it, has woken up.
class CommitGate {
  public:
    /// Writer: before a transaction. Waits while the gate is closed.
    void enter() {
        std::unique_lock lock(mutex_);
        moved_.wait(lock, [this] { return !closed_; });
        inside_ = true;
    }
    /// Writer: after it.
    void leave() {
        {
            const std::lock_guard lock(mutex_);
            inside_ = false;
        }
        moved_.notify_all();
    }
    /// Checkpointer: waits for the commit that is under way, and lets no other begin.
    void close() {
        std::unique_lock lock(mutex_);
        closed_ = true;
        moved_.wait(lock, [this] { return !inside_; });
    }
    void open() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = false;
        }
        moved_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable moved_;
    bool closed_ = false;
    bool inside_ = false;
};

}  // namespace genq::store::sqlite
