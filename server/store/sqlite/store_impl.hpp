#pragma once
#include <atomic>
#include <memory>
#include <utility>

#include "server/store/sqlite/checkpointer.hpp"
#include "server/store/sqlite/commit_gate.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/readers.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"
#include "server/store/sqlite/writer.hpp"

namespace genq::store {

/// The threads of a SqliteJobStore, and how its operations get to them. For the store's own sources.
struct SqliteJobStore::Impl {
    Impl(Clock& c, Random& random, std::int64_t after) : clock(c), ulids(c, random, after) {}
    ~Impl() {
        // The checkpointer calls the readers, and closes its connection last: only one that may write can clear the
        // log.
        writer.reset();
        if (checkpointer) checkpointer->stop();
        by_key.reset();
        readers.reset();
    }

    Clock& clock;
    UlidSource ulids;
    std::atomic<std::uint64_t> commits{0};
    std::atomic<bool> damaged{false};  // what an operation found; any thread
    sqlite::CommitGate gate;
    std::unique_ptr<sqlite::Checkpointer> checkpointer;
    std::unique_ptr<sqlite::Readers> by_key;   // short reads, which so never wait behind a long one
    std::unique_ptr<sqlite::Readers> readers;  // the others
    std::unique_ptr<sqlite::Writer> writer;

    /// Whatever finds the database damaged, SQLite or a row that can't be read: it is remembered, not told once.
    template <class T>
    boost::asio::awaitable<Result<T>> noted(boost::asio::awaitable<Result<T>> running) {
        auto result = co_await std::move(running);
        if (!result && result.error().code == errc::corrupt) damaged.store(true, std::memory_order_relaxed);
        co_return result;
    }
    template <class Work>
    auto write(Work work) {
        return noted(sqlite::run_on<sqlite::Write>(*writer, [work = std::move(work)](sqlite::Write& w) {
            auto result = work(w);
            // What this operation has ended may be what others wait for: in the same transaction, so that no crash
            // leaves them waiting.
            if (auto settled = sqlite::settle_dependants(w); !settled) result = std::unexpected(settled.error());
            return result;
        }));
    }
    template <class Work>
    auto look_up(Work work) {
        return noted(sqlite::run_on<sqlite::Read>(*by_key, std::move(work)));
    }
    template <class Work>
    auto read(Work work) {
        return noted(sqlite::run_on<sqlite::Read>(*readers, std::move(work)));
    }
};

}  // namespace genq::store
