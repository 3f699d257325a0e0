#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"

namespace genq::store::sqlite {

namespace {

// Models that are passed through are the callers' words: those used last are kept.
constexpr int most_timed_models = 500;

constexpr char select_durations[] = R"(
    SELECT model, histogram FROM durations ORDER BY updated_at DESC LIMIT :limit)";
constexpr char upsert_durations[] = R"(
    INSERT INTO durations(model, histogram, updated_at) VALUES(:model, :histogram, :now)
    ON CONFLICT(model) DO UPDATE SET histogram = excluded.histogram, updated_at = excluded.updated_at)";
constexpr char forget_oldest_law[] = R"(
    DELETE FROM durations WHERE model IN (SELECT model FROM durations ORDER BY updated_at DESC LIMIT -1 OFFSET :kept))";

}  // namespace

Result<std::vector<ModelDurations>> durations(sql::Connection& db) {
    std::vector<ModelDurations> all;
    auto query = db.query(select_durations);
    query.bind(":limit", most_timed_models);
    while (query.step()) all.push_back({std::string(query.text(0)), std::string(query.text(1))});
    return all;
}

void save_durations(Write& write, const ModelDurations& durations) {
    write.db.query(upsert_durations)
        .bind(":model", durations.model)
        .bind(":histogram", durations.histogram)
        .bind(":now", to_ms(write.now))
        .run();
    write.db.query(forget_oldest_law).bind(":kept", most_timed_models).run();
}

}  // namespace genq::store::sqlite
