#include "server/store/sqlite/checkpointer.hpp"

namespace genq::store::sqlite {

namespace {

constexpr int step_pages = 1'000;      // 4 MB of log between checkpoints, as SQLite does by itself
constexpr int restart_pages = 16'384;  // 64 MB: wait for readers and begin the log anew

}  // namespace

Checkpointer::Checkpointer(std::unique_ptr<sql::Connection> db, std::function<void()> let_go)
    : db_(std::move(db)), let_go_(std::move(let_go)), next_at_(step_pages), thread_([this] { loop(); }) {}

Checkpointer::~Checkpointer() {
    stop();
}

void Checkpointer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    grew_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Checkpointer::log_grew(int pages) {
    bool due = false;
    {
        const std::lock_guard lock(mutex_);
        if (pages < pages_) next_at_ = step_pages;  // the log began anew
        pages_ = pages;
        due = pages_ >= next_at_;
    }
    if (due) grew_.notify_one();
}

void Checkpointer::loop() {
    for (;;) {
        int pages = 0;
        {
            std::unique_lock lock(mutex_);
            grew_.wait(lock, [this] { return stopping_ || pages_ >= next_at_; });
            if (stopping_) return;
            pages = pages_;
            next_at_ = pages + step_pages;
        }
        let_go_();
        // A checkpoint that fails loses nothing: the log has it all, and the next one tries again.
        auto done = db_->checkpoint(false);
        if (done && pages >= restart_pages) done = db_->checkpoint(true);
    }
}

}  // namespace genq::store::sqlite
