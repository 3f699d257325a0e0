#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

constexpr char put_call[] = "INSERT INTO front_calls(row, url, base) VALUES(:row, :url, :base)";
constexpr char select_due[] = R"(
    SELECT row, url, base, tries, next_at FROM front_calls
    WHERE next_at IS NOT NULL AND next_at <= :now ORDER BY next_at LIMIT :limit)";
// A job that ended anew has its call due at another time, with the tries at 0.
constexpr char update_call[] = R"(
    UPDATE front_calls SET tries = tries + 1, next_at = :next WHERE row = :row AND tries = :tries AND next_at = :at)";

}  // namespace

void insert_call(Write& write, JobId id, const EndCall& call) {
    write.db.query(put_call).bind(":row", id.row()).bind(":url", call.url).bind(":base", call.base).run();
}

Result<std::vector<DueCall>> due_calls(sql::Connection& db, WallTime now, int limit) {
    std::vector<DueCall> due;
    std::vector<std::int64_t> rows;
    {
        auto query = db.query(select_due);
        query.bind(":now", to_ms(now)).bind(":limit", limit);
        while (query.step()) {
            rows.push_back(query.integer(0));
            DueCall one;
            one.call = EndCall{std::string(query.text(1)), std::string(query.text(2))};
            one.tries = static_cast<int>(query.integer(3));
            one.at = from_ms(query.integer(4));
            due.push_back(std::move(one));
        }
    }
    for (std::size_t i = 0; i < due.size(); ++i) {
        auto query = db.query(select_job);
        query.bind(":row", rows[i]);
        if (!query.step()) return fail(errc::corrupt, "a call without its job");
        auto job = read_job(db, query);
        if (!job) return std::unexpected(std::move(job.error()));
        due[i].job = std::move(*job);
    }
    return due;
}

Result<void> record_call(Write& write, const DueCall& made, std::optional<WallTime> next) {
    write.db.query(update_call)
        .bind(":next", next ? std::optional(to_ms(*next)) : std::nullopt)
        .bind(":row", made.job.id.row())
        .bind(":tries", made.tries)
        .bind(":at", to_ms(made.at))
        .run();
    return {};
}

}  // namespace genq::store::sqlite
