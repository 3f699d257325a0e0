#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/row_columns.hpp"

namespace genq::store::sqlite {

namespace {

constexpr char select_holds[] = "SELECT reason, model, detail, since, until, balance FROM holds ORDER BY since, reason";
constexpr char upsert_hold[] = R"(
    INSERT INTO holds(reason, model, detail, since, until, balance)
    VALUES(:reason, :model, :detail, :since, :until, :balance)
    ON CONFLICT(reason, model) DO UPDATE SET
        detail = excluded.detail, since = excluded.since, until = excluded.until, balance = excluded.balance)";
constexpr char delete_hold[] = "DELETE FROM holds WHERE reason = :reason AND model = :model";
constexpr char select_fact[] = "SELECT value FROM facts WHERE name = :name";
constexpr char upsert_fact[] = R"(
    INSERT INTO facts(name, value) VALUES(:name, :value) ON CONFLICT(name) DO UPDATE SET value = excluded.value)";
constexpr char delete_fact[] = "DELETE FROM facts WHERE name = :name";

}  // namespace

Result<std::vector<Hold>> holds(sql::Connection& db) {
    std::vector<Hold> all;
    auto query = db.query(select_holds);
    while (query.step()) {
        RowColumns columns(query);
        Hold hold;
        hold.reason = columns.word(queue_reason_from);
        hold.model = columns.text();
        hold.detail = columns.text();
        hold.since = columns.time();
        hold.until = columns.maybe_time();
        hold.balance = columns.maybe_real();
        if (columns.damaged()) return fail(errc::corrupt, "the database's holds can't be read");
        all.push_back(std::move(hold));
    }
    return all;
}

Result<void> set_hold(Write& write, const Hold& hold) {
    write.db.query(upsert_hold)
        .bind(":reason", to_string(hold.reason))
        .bind(":model", hold.model)
        .bind(":detail", hold.detail)
        .bind(":since", to_ms(hold.since))
        .bind(":until", hold.until ? std::optional(to_ms(*hold.until)) : std::nullopt)
        .bind(":balance", hold.balance)
        .run();
    return {};
}

Result<void> clear_hold(Write& write, QueueReason reason, const std::string& model) {
    write.db.query(delete_hold).bind(":reason", to_string(reason)).bind(":model", model).run();
    return {};
}

Result<std::optional<std::string>> fact(sql::Connection& db, const std::string& name) {
    auto query = db.query(select_fact);
    query.bind(":name", name);
    if (!query.step()) return std::nullopt;
    return std::string(query.text(0));
}

Result<void> set_fact(Write& write, const std::string& name, const std::optional<std::string>& value) {
    auto query = write.db.query(value ? upsert_fact : delete_fact);
    query.bind(":name", name);
    if (value) query.bind(":value", *value);
    query.run();
    return {};
}

}  // namespace genq::store::sqlite
