#include "server/store/sqlite/checkpointer.hpp"

namespace genq::store::sqlite {

namespace {

constexpr int step_pages = 1'000;      // 4 MB of log between checkpoints, as SQLite does by itself
constexpr int restart_pages = 16'384;  // 64 MB: time to begin the log anew
constexpr int rounds = 4;              // of catching up with the writer, before it is held up

}  // namespace

Checkpointer::Checkpointer(std::unique_ptr<sql::Connection> db, CommitGate& gate, std::function<void()> let_go)
    : db_(std::move(db)), gate_(gate), let_go_(std::move(let_go)), next_at_(step_pages), thread_([this] { loop(); }) {}

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
        if (pages >= restart_pages) {
            move_all();
        } else {
            let_go_();
            // A checkpoint that fails loses nothing: the log has it all, and the next one tries again.
            (void)db_->checkpoint();
        }
    }
}

/// SQLite begins the log anew with the first commit that finds all of it moved and nobody reading in it. Its own way to
/// get there (SQLITE_CHECKPOINT_RESTART) makes commits wait for readers, and a reader here may be idle for long inside
/// a transaction. So most is moved while commits go on, and only for the small rest are they held up.
void Checkpointer::move_all() {
    for (int round = 0; round < rounds; ++round) {
        let_go_();
        const auto done = db_->checkpoint();
        if (!done) return;
        if (pages() - done->moved_pages < step_pages) break;
    }
    gate_.close();
    let_go_();
    (void)db_->checkpoint();
    gate_.open();
}

int Checkpointer::pages() const {
    const std::lock_guard lock(mutex_);
    return pages_;
}

}  // namespace genq::store::sqlite
