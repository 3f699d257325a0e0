#include "server/store/sqlite/readers.hpp"

#include <algorithm>
#include <chrono>

namespace genq::store::sqlite {

namespace {

constexpr std::chrono::milliseconds let_go_time{50};

}  // namespace

Readers::Readers(std::vector<std::unique_ptr<sql::Connection>> connections, const std::atomic<std::uint64_t>& commits,
                 std::size_t queue_limit, bool threaded)
    : commits_(commits), queue_limit_(queue_limit), threaded_(threaded), readers_(connections.size()) {
    for (std::size_t i = 0; i < readers_.size(); ++i) readers_[i].db = std::move(connections[i]);
    if (!threaded_) return;
    for (auto& reader : readers_) reader.thread = std::thread([this, &reader] { loop(reader); });
}

Readers::~Readers() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_all();
    for (auto& reader : readers_) {
        if (reader.thread.joinable()) reader.thread.join();
        end(reader);
    }
}

void Readers::push(Work work) {
    if (!threaded_) {
        read(readers_.front(), *work);
        end(readers_.front());
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() < queue_limit_) queue_.push_back(std::move(work));
    }
    if (work) {
        work->fail(Error{errc::busy, "the database has more to read than it can keep up with"});
        work->answer();
    } else {
        arrived_.notify_one();
    }
}

void Readers::let_go() {
    std::unique_lock lock(mutex_);
    if (!threaded_ || stopping_) return;
    for (auto& reader : readers_) reader.let_go = true;
    arrived_.notify_all();
    gone_.wait_for(lock, let_go_time, [this] { return std::ranges::none_of(readers_, &Reader::let_go); });
}

void Readers::loop(Reader& reader) {
    for (;;) {
        std::vector<Work> batch;
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [&] { return stopping_ || reader.let_go || !queue_.empty(); });
            if (queue_.empty() && stopping_) return;
            // Of several each takes one, so that a long read holds up no other.
            if (readers_.size() == 1) {
                batch.swap(queue_);
            } else if (!queue_.empty()) {
                batch.push_back(std::move(queue_.front()));
                queue_.erase(queue_.begin());
            }
            if (reader.let_go) {
                // Under the mutex, which is held up for no longer than the COMMIT of a transaction that only read.
                end(reader);
                reader.let_go = false;
                gone_.notify_one();
            }
        }
        for (const auto& work : batch) read(reader, *work);
    }
}

void Readers::read(Reader& reader, Task<Read>& work) {
    // Loaded before the transaction begins: it may see more than that, never less.
    const auto commits = commits_.load(std::memory_order_acquire);
    if (reader.seen != commits) end(reader);
    if (!reader.db->in_transaction()) reader.db->run("BEGIN");
    reader.seen = commits;
    Read context{*reader.db, reader.order};
    work.run(context);
    if (auto error = reader.db->take_error()) {
        work.fail(std::move(*error));
        end(reader);
    }
    work.answer();
}

void Readers::end(Reader& reader) {
    if (reader.db->in_transaction()) reader.db->run("COMMIT");
    (void)reader.db->take_error();
    reader.order.forget();
}

}  // namespace genq::store::sqlite
