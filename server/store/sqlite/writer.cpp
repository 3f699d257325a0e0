#include "server/store/sqlite/writer.hpp"

#include <algorithm>

namespace genq::store::sqlite {

Writer::Writer(std::unique_ptr<sql::Connection> db, Clock& clock, UlidSource& ulids,
               std::atomic<std::uint64_t>& commits, CommitGate& gate, Options options)
    : db_(std::move(db)), clock_(clock), ulids_(ulids), commits_(commits), gate_(gate), options_(std::move(options)) {
    if (options_.threaded) thread_ = std::thread([this] { loop(); });
}

Writer::~Writer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Writer::push(Work work) {
    if (!options_.threaded) {
        std::vector<Work> batch;
        batch.push_back(std::move(work));
        commit(batch);
        return;
    }
    bool first = false;
    {
        std::unique_lock lock(mutex_);
        if (queue_.size() >= options_.queue_limit) {
            lock.unlock();
            work->fail(Error{errc::busy, "the database has more to write than it can keep up with"});
            work->answer();
            return;
        }
        first = queue_.empty();
        queue_.push_back(std::move(work));
    }
    if (first) arrived_.notify_one();
}

void Writer::loop() {
    std::vector<Work> batch;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            batch.swap(queue_);
        }
        commit(batch);
        batch.clear();
    }
}

void Writer::commit(std::vector<Work>& batch) {
    gate_.enter();
    auto together = write(batch, false);
    if (!together) together = write(batch, true);
    if (!together && batch.size() == 1) batch.front()->fail(together.error());
    if (!together && batch.size() > 1) {
        // One of them may be to blame (too big for what the disk has left): each gets its own chance.
        for (auto& work : batch) {
            if (const auto alone = write(std::span(&work, 1), true); !alone) work->fail(alone.error());
        }
    }
    gate_.leave();
    for (auto& work : batch) work->answer();
}

Result<void> Writer::write(std::span<Work> batch, bool careful) {
    ends_.clear();
    changed_.clear();
    db_->run("BEGIN IMMEDIATE");
    for (auto& work : batch) {
        if (db_->failed()) break;
        const auto changed_before = changed_.size();
        const auto ends_before = ends_.size();
        std::optional<sql::Savepoint> savepoint;
        if (careful) savepoint.emplace(*db_);
        Write context{*db_, ulids_, clock_.wall_now(), changed_, ends_, options_.event_body, options_.own_trace};
        work->run(context);
        if (!savepoint) continue;
        if (!db_->failed()) {
            savepoint->keep();
        } else if (db_->in_transaction()) {
            // Only this one is undone; the others go on.
            work->fail(std::move(*db_->take_error()));
            changed_.resize(changed_before);
            ends_.resize(ends_before);
        }
    }
    if (!db_->failed()) db_->run("COMMIT");
    if (auto error = db_->take_error()) {
        if (db_->in_transaction()) db_->run("ROLLBACK");
        // A second error, of the rollback, would stick to the next batch.
        (void)db_->take_error();
        return std::unexpected(std::move(*error));
    }
    commits_.fetch_add(1, std::memory_order_release);
    if (options_.on_commit) options_.on_commit(batch.size());
    publish();
    return {};
}

void Writer::publish() {
    if (!ends_.empty() && options_.on_end) options_.on_end(ends_);
    if (changed_.empty() || !options_.on_change) return;
    std::ranges::sort(changed_);
    const auto doubles = std::ranges::unique(changed_);
    changed_.erase(doubles.begin(), doubles.end());
    options_.on_change(changed_);
}

}  // namespace genq::store::sqlite
