#include "server/store/sqlite/table_check.hpp"

#include "server/store/sqlite/rows.hpp"

namespace genq::store {

namespace {
constexpr char select_tables[] = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
constexpr char quick_check[] = "SELECT quick_check FROM pragma_quick_check(:table)";
// A page at a time, so that a checkpoint need not wait for a million of them.
constexpr char select_jobs[] = "SELECT " GENQ_JOB_COLUMNS " FROM jobs WHERE row > :after ORDER BY row LIMIT 500";
constexpr std::size_t most_faults = 100;

/// Reads each job, which compares its row with its sum.
void read_jobs(sql::Connection& db, std::vector<std::string>& faults) {
    std::int64_t after = 0;
    for (bool more = true; more && faults.size() < most_faults;) {
        more = false;
        auto query = db.query(select_jobs);
        query.bind(":after", after);
        while (query.step()) {
            more = true;
            after = query.integer(0);
            if (const auto job = sqlite::read_job(db, query); !job) faults.push_back(job.error().detail);
        }
    }
}
}  // namespace

Result<std::unique_ptr<TableCheck>> TableCheck::open(const std::string& path) {
    auto db = sql::Connection::open({.path = path, .access = sql::Access::read_only});
    if (!db) return std::unexpected(db.error());
    return std::unique_ptr<TableCheck>(new TableCheck(std::move(*db)));
}

Result<std::vector<std::string>> TableCheck::tables() {
    std::vector<std::string> names;
    {
        auto query = db_->query(select_tables);
        while (query.step()) names.emplace_back(query.text(0));
    }
    if (auto error = db_->take_error()) return std::unexpected(std::move(*error));
    return names;
}

Result<std::vector<std::string>> TableCheck::check(const std::string& table) {
    std::vector<std::string> faults;
    {
        auto query = db_->query(quick_check);
        query.bind(":table", table);
        while (query.step()) {
            if (query.text(0) != "ok") faults.emplace_back(query.text(0));
        }
    }
    if (table == "jobs") read_jobs(*db_, faults);
    if (auto error = db_->take_error()) {
        if (error->code != errc::corrupt) return std::unexpected(std::move(*error));
        faults.push_back(std::move(error->detail));
    }
    return faults;
}

}  // namespace genq::store
