#include "server/store/sqlite/sqlite_job_store.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "common/sql/migrator.hpp"
#include "server/store/sqlite/store_impl.hpp"

namespace genq::store {

namespace sqlite {

/// The files of migrations/sqlite, compiled in.
std::span<const sql::Migration> migrations();

namespace {

constexpr char newest_row[] = "SELECT coalesce(max(row), 0) FROM jobs";

std::int64_t read_newest_row(sql::Connection& db) {
    auto query = db.query(newest_row);
    return query.step() ? query.integer(0) : 0;
}

Result<std::vector<std::unique_ptr<sql::Connection>>> open_readers(sql::OpenOptions file, std::size_t count) {
    file.access = sql::Access::read_only;
    std::vector<std::unique_ptr<sql::Connection>> connections;
    while (connections.size() < count) {
        auto connection = sql::Connection::open(file);
        if (!connection) return std::unexpected(std::move(connection.error()));
        connections.push_back(std::move(*connection));
    }
    return connections;
}

}  // namespace
}  // namespace sqlite

SqliteJobStore::SqliteJobStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SqliteJobStore::~SqliteJobStore() = default;

Result<std::unique_ptr<SqliteJobStore>> SqliteJobStore::open(SqliteOptions options, Clock& clock, Random& random) {
    sql::OpenOptions file{
        .path = options.path,
        .synchronous = options.synchronous == Synchronous::full ? sql::Synchronous::full : sql::Synchronous::normal};
    auto writer_db = sql::Connection::open(file);
    if (!writer_db) return std::unexpected(writer_db.error());
    if (auto done = sql::migrate(**writer_db, sqlite::migrations(), clock.wall_now()); !done) {
        return std::unexpected(done.error());
    }
    const auto after = sqlite::read_newest_row(**writer_db);
    if (auto error = (*writer_db)->take_error()) return std::unexpected(std::move(*error));

    auto impl = std::make_unique<Impl>(clock, random, after);
    auto by_key = sqlite::open_readers(file, 1);
    if (!by_key) return std::unexpected(by_key.error());
    auto readers = sqlite::open_readers(file, std::max<std::size_t>(options.readers, 1));
    if (!readers) return std::unexpected(readers.error());
    auto checkpoint_db = sql::Connection::open(file);
    if (!checkpoint_db) return std::unexpected(checkpoint_db.error());

    impl->by_key =
        std::make_unique<sqlite::Readers>(std::move(*by_key), impl->commits, options.queue_limit, options.threaded);
    impl->readers =
        std::make_unique<sqlite::Readers>(std::move(*readers), impl->commits, options.queue_limit, options.threaded);
    impl->checkpointer = std::make_unique<sqlite::Checkpointer>(std::move(*checkpoint_db), impl->gate, [&all = *impl] {
        all.by_key->let_go();
        all.readers->let_go();
    });
    (*writer_db)->on_wal_grown([checkpointer = impl->checkpointer.get()](int pages) { checkpointer->log_grew(pages); });
    impl->writer = std::make_unique<sqlite::Writer>(
        std::move(*writer_db), clock, impl->ulids, impl->commits, impl->gate,
        sqlite::Writer::Options{options.queue_limit, options.threaded, std::move(options.on_change),
                                std::move(options.on_end), std::move(options.on_commit), std::move(options.event_body),
                                std::move(options.own_trace)});
    return std::unique_ptr<SqliteJobStore>(new SqliteJobStore(std::move(impl)));
}

std::uint64_t SqliteJobStore::commits() const {
    return impl_->commits.load(std::memory_order_relaxed);
}

bool SqliteJobStore::damaged() const {
    return impl_->damaged.load(std::memory_order_relaxed);
}

}  // namespace genq::store
