#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/row_columns.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

#define GENQ_EVENT_COLUMNS                                                                                        \
    "e.id, e.name, e.at, e.detail, j.id, j.caller, j.model, j.family, j.kind, j.batch, j.labels FROM events AS e" \
    " CROSS JOIN jobs AS j ON j.row = e.row"

constexpr char select_history[] = "SELECT id, name, at, detail, since FROM events WHERE row = :row ORDER BY id";
constexpr char select_events_after[] = "SELECT " GENQ_EVENT_COLUMNS " WHERE e.id > :after ORDER BY e.id LIMIT :limit";
constexpr char select_events_of[] =
    "SELECT " GENQ_EVENT_COLUMNS " WHERE e.row = :row AND e.id > :after ORDER BY e.id LIMIT :limit";
constexpr char select_newest_event[] = "SELECT seq FROM sqlite_sequence WHERE name = 'events'";
constexpr char select_erased_event[] = "SELECT value FROM totals WHERE name = 'newest_event_erased'";
constexpr char select_events_job[] = "SELECT 1 FROM jobs WHERE row = :row AND id = :id";

Result<FeedEvent> read_event(const sql::Query& query) {
    RowColumns columns(query);
    FeedEvent read;
    read.event.id = columns.integer();
    read.event.name = columns.text();
    read.event.at = columns.time();
    read.event.detail = columns.text();
    const auto id = JobId::parse(columns.text());
    read.caller = columns.text();
    read.model = columns.text();
    read.family = columns.word(family_from);
    read.kind = columns.text();
    read.batch = columns.maybe_word(BatchId::parse);
    read.labels = labels_from(columns.maybe_json());
    if (!id || columns.damaged()) {
        return fail(errc::corrupt,
                    "the database's row of the job of event " + std::to_string(read.event.id) + " can't be read");
    }
    read.event.job = *id;
    return read;
}

std::int64_t single_number(sql::Connection& db, const char* statement) {
    auto query = db.query(statement);
    return query.step() ? query.integer(0) : 0;
}

}  // namespace

Result<std::vector<JobEvent>> events(sql::Connection& db, JobId id) {
    if (const auto job = load_job(db, id); !job) return std::unexpected(job.error());
    std::vector<JobEvent> history;
    auto query = db.query(select_history);
    query.bind(":row", id.row());
    while (query.step()) {
        RowColumns columns(query);
        JobEvent event;
        event.id = columns.integer();
        event.job = id;
        event.name = columns.text();
        event.at = columns.time();
        event.detail = columns.text();
        event.since = columns.maybe_time();
        history.push_back(std::move(event));
    }
    return history;
}

Result<EventPage> events_after(sql::Connection& db, std::int64_t after, std::optional<JobId> job, int limit) {
    if (job) {
        const std::string id = job->text();
        auto query = db.query(select_events_job);
        query.bind(":row", job->row()).bind(":id", id);
        if (!query.step()) return fail(errc::not_found, "there is no job " + id);
    }
    EventPage page;
    page.newest = single_number(db, select_newest_event);
    page.erased = single_number(db, select_erased_event);
    if (limit == 0) return page;
    auto query = db.query(job ? select_events_of : select_events_after);
    query.bind(":after", after).bind(":limit", limit);
    if (job) query.bind(":row", job->row());
    while (query.step()) {
        auto event = read_event(query);
        if (!event) return std::unexpected(std::move(event.error()));
        page.events.push_back(std::move(*event));
    }
    return page;
}

}  // namespace genq::store::sqlite
