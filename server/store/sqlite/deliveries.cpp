#include "server/store/deliveries.hpp"

#include <algorithm>
#include <array>

#include "common/core/check.hpp"
#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/row_columns.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store {

std::string_view to_string(DeliveryState state) {
    switch (state) {
        case DeliveryState::pending:
            return "pending";
        case DeliveryState::delivered:
            return "delivered";
        case DeliveryState::failed:
            return "failed";
    }
    check_failed("a DeliveryState has a name");
}

std::optional<DeliveryState> delivery_state_from(std::string_view text) {
    for (const auto state : {DeliveryState::pending, DeliveryState::delivered, DeliveryState::failed}) {
        if (text == to_string(state)) return state;
    }
    return std::nullopt;
}

namespace sqlite {

namespace {

constexpr int tries_kept = 100;

constexpr char put_webhook[] =
    "INSERT INTO webhooks(row, url, receiver, events) VALUES(:row, :url, :receiver, :events)";
constexpr char select_webhook[] = R"(
    SELECT receiver, events, (SELECT coalesce(max(n), 0) FROM deliveries d WHERE d.row = w.row)
    FROM webhooks w WHERE row = :row AND gone = 0)";
constexpr char put_delivery[] = R"(
    INSERT INTO deliveries(row, n, event, webhook_id, receiver, body)
    VALUES(:row, :n, :event, :webhook_id, :receiver, :body))";
// The first that is pending, if none of the job's is on its way: what comes later waits for it.
constexpr char advance_next[] = R"(
    UPDATE deliveries SET next_at = :now
    WHERE row = :row AND n = (SELECT min(n) FROM deliveries WHERE row = :row AND state = 'pending')
        AND NOT EXISTS(SELECT 1 FROM deliveries WHERE row = :row AND next_at IS NOT NULL))";
constexpr char select_receiver[] = R"(
    SELECT receiver FROM deliveries WHERE next_at IS NOT NULL AND receiver > :after ORDER BY receiver LIMIT 1)";
constexpr char select_due[] = R"(
    SELECT row, n FROM deliveries WHERE receiver = :receiver AND next_at IS NOT NULL AND next_at <= :now
    ORDER BY next_at)";
constexpr char select_next[] = "SELECT min(next_at) FROM deliveries WHERE next_at IS NOT NULL AND next_at > :now";
constexpr char select_one[] = R"(
    SELECT j.id, d.event, d.webhook_id, w.url, d.receiver, d.body, d.tries, d.next_at, j.traceparent, j.tracestate
    FROM deliveries d JOIN webhooks w ON w.row = d.row JOIN jobs j ON j.row = d.row WHERE d.row = :row AND d.n = :n)";
// One that was asked for anew meanwhile is due at another time, and stays so.
constexpr char update_delivery[] = R"(
    UPDATE deliveries SET tries = tries + 1, state = :state, next_at = :next
    WHERE row = :row AND n = :n AND next_at = :at)";
constexpr char put_try[] = R"(
    INSERT INTO delivery_tries(row, n, idx, at, status, error, duration_ms)
    SELECT :row, :n, coalesce(max(idx), 0) + 1, :at, :status, :error, :duration_ms
    FROM delivery_tries WHERE row = :row AND n = :n)";
constexpr char drop_tries[] = R"(
    DELETE FROM delivery_tries WHERE row = :row AND n = :n
        AND idx <= (SELECT max(idx) FROM delivery_tries WHERE row = :row AND n = :n) - :kept)";
constexpr char set_gone[] = "UPDATE webhooks SET gone = :gone WHERE row = :row";
constexpr char fail_pending[] =
    "UPDATE deliveries SET state = 'failed', next_at = NULL WHERE row = :row AND state = 'pending'";
constexpr char select_deliveries[] = R"(
    SELECT n, event, webhook_id, state, next_at FROM deliveries WHERE row = :row ORDER BY n)";
constexpr char select_tries[] = R"(
    SELECT n, at, status, error, duration_ms FROM delivery_tries WHERE row = :row ORDER BY n, idx)";
constexpr char select_state[] = "SELECT state, next_at IS NOT NULL FROM deliveries WHERE row = :row AND n = :n";
constexpr char renew_delivery[] = R"(
    UPDATE deliveries SET state = 'pending', tries = 0, next_at = :now WHERE row = :row AND n = :n)";

void advance(Write& write, std::int64_t row) {
    write.db.query(advance_next).bind(":now", to_ms(write.now)).bind(":row", row).run();
}

bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        if (words.substr(0, end) == word) return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

Result<DueDelivery> load_due(sql::Connection& db, DeliveryKey key) {
    auto query = db.query(select_one);
    query.bind(":row", key.first).bind(":n", key.second);
    if (!query.step()) return fail(errc::corrupt, "a delivery without its job");
    RowColumns columns(query);
    DueDelivery due;
    due.job = columns.word(JobId::parse);
    due.n = key.second;
    due.event = columns.text();
    due.webhook_id = columns.text();
    due.url = columns.text();
    due.receiver = columns.text();
    due.body = columns.text();
    due.tries = columns.small();
    due.at = columns.time();
    due.traceparent = columns.maybe_text().value_or("");
    due.tracestate = columns.maybe_text().value_or("");
    if (columns.damaged()) return fail(errc::corrupt, "the database's row of a delivery can't be read");
    return due;
}

/// The receiver after that one, or "".
std::string receiver_after(sql::Connection& db, const std::string& after) {
    auto query = db.query(select_receiver);
    query.bind(":after", after);
    return query.step() ? std::string(query.text(0)) : std::string();
}

/// What all receivers of the host come before: "host/…" sorts before "host0".
std::string end_of_host(const std::string& receiver) {
    return receiver.substr(0, receiver.find('/')) + "0";
}

/// Adds what the receiver may get now; where to look for the next receiver.
std::string gather(sql::Connection& db, const std::string& receiver, const DueDeliveries& wanted,
                   std::vector<DeliveryKey>& keys) {
    auto query = db.query(select_due);
    query.bind(":receiver", receiver).bind(":now", to_ms(wanted.now));
    while (std::ssize(keys) < wanted.limit && query.step()) {
        const DeliveryKey key{query.integer(0), static_cast<int>(query.integer(1))};
        if (wanted.under_way.contains(key)) continue;
        switch (wanted.admit(receiver)) {
            case Room::taken:
                keys.push_back(key);
                break;
            case Room::none_for_it:
                return receiver;
            case Room::none_for_its_host:
                return end_of_host(receiver);
        }
    }
    return receiver;
}

}  // namespace

void insert_webhook(Write& write, JobId id, const Webhook& webhook) {
    std::string events;
    for (const auto& event : webhook.events) events += (events.empty() ? "" : " ") + event;
    write.db.query(put_webhook)
        .bind(":row", id.row())
        .bind(":url", webhook.url)
        .bind(":receiver", webhook.receiver)
        .bind(":events", events)
        .run();
}

void tell(Write& write, const Job& job, std::string_view event) {
    if ((job.links & link_told) == 0 || !write.event_body) return;
    const auto row = job.id.row();
    std::string receiver;
    int n = 0;
    {
        auto query = write.db.query(select_webhook);
        query.bind(":row", row);
        if (!query.step() || !has_word(query.text(1), event)) return;
        receiver = query.text(0);
        n = static_cast<int>(query.integer(2)) + 1;
    }
    write.db.query(put_delivery)
        .bind(":row", row)
        .bind(":n", n)
        .bind(":event", event)
        .bind(":webhook_id", "msg_" + write.ulids.next().text())
        .bind(":receiver", receiver)
        .bind(":body", write.event_body(job, event, write.now))
        .run();
    advance(write, row);
}

Result<FoundDeliveries> due_deliveries(sql::Connection& db, const DueDeliveries& wanted) {
    FoundDeliveries found;
    std::vector<DeliveryKey> keys;
    std::string after = wanted.after;
    bool went_round = wanted.after.empty();
    while (std::ssize(keys) < wanted.limit) {
        const std::string receiver = receiver_after(db, after);
        if (receiver.empty() && !went_round) {
            went_round = true;
            after.clear();
            continue;
        }
        const bool is_again = went_round && !wanted.after.empty() && receiver > wanted.after;
        if (receiver.empty() || is_again) break;
        after = gather(db, receiver, wanted, keys);
    }
    for (const auto& key : keys) {
        auto one = load_due(db, key);
        if (!one) return std::unexpected(std::move(one.error()));
        found.due.push_back(std::move(*one));
    }
    auto query = db.query(select_next);
    query.bind(":now", to_ms(wanted.now));
    if (query.step() && !query.is_null(0)) found.next_at = from_ms(query.integer(0));
    return found;
}

Result<std::optional<DeliveryState>> record_delivery(Write& write, const DueDelivery& made, const DeliveryTry& how,
                                                     AfterTry after, std::optional<WallTime> next) {
    const auto row = made.job.row();
    {
        auto query = write.db.query(select_state);
        query.bind(":row", row).bind(":n", made.n);
        if (!query.step()) return std::optional<DeliveryState>();  // deleted meanwhile
    }
    const auto state = after == AfterTry::delivered ? DeliveryState::delivered
                       : after == AfterTry::again   ? DeliveryState::pending
                                                    : DeliveryState::failed;
    write.db.query(put_try)
        .bind(":row", row)
        .bind(":n", made.n)
        .bind(":at", to_ms(how.at))
        .bind(":status", how.status)
        .bind(":error", how.error)
        .bind(":duration_ms", how.duration.count())
        .run();
    write.db.query(drop_tries).bind(":row", row).bind(":n", made.n).bind(":kept", tries_kept).run();
    write.db.query(update_delivery)
        .bind(":state", to_string(state))
        .bind(":next", next ? std::optional(to_ms(*next)) : std::nullopt)
        .bind(":row", row)
        .bind(":n", made.n)
        .bind(":at", to_ms(made.at))
        .run();
    if (after == AfterTry::gone) {
        write.db.query(set_gone).bind(":gone", 1).bind(":row", row).run();
        write.db.query(fail_pending).bind(":row", row).run();
    }
    advance(write, row);
    return std::optional(state);
}

Result<std::vector<Delivery>> deliveries(sql::Connection& db, JobId id) {
    std::vector<Delivery> all;
    {
        auto query = db.query(select_deliveries);
        query.bind(":row", id.row());
        while (query.step()) {
            RowColumns columns(query);
            Delivery one;
            one.n = columns.small();
            one.event = columns.text();
            one.webhook_id = columns.text();
            one.state = columns.word(delivery_state_from);
            one.next_at = columns.maybe_time();
            if (columns.damaged()) return fail(errc::corrupt, "the deliveries of job " + id.text() + " can't be read");
            all.push_back(std::move(one));
        }
    }
    auto query = db.query(select_tries);
    query.bind(":row", id.row());
    while (query.step()) {
        RowColumns columns(query);
        const auto at = std::ranges::find(all, columns.small(), &Delivery::n);
        if (at == all.end()) return fail(errc::corrupt, "a try without its delivery");
        DeliveryTry one;
        one.at = columns.time();
        one.status = columns.maybe_small();
        one.error = columns.text();
        one.duration = std::chrono::milliseconds(columns.integer());
        at->tries.push_back(std::move(one));
    }
    return all;
}

Result<void> redeliver(Write& write, JobId id, int n) {
    {
        auto query = write.db.query(select_state);
        query.bind(":row", id.row()).bind(":n", n);
        if (!query.step()) return fail(errc::not_found, "there is no such delivery");
        if (query.text(0) == "pending" && query.integer(1) == 0) {
            return fail(errc::conflict, "it has not been sent yet: it waits for the delivery before it");
        }
    }
    write.db.query(set_gone).bind(":gone", 0).bind(":row", id.row()).run();
    write.db.query(renew_delivery).bind(":now", to_ms(write.now)).bind(":row", id.row()).bind(":n", n).run();
    write.changed.push_back(id.row());
    return {};
}

}  // namespace sqlite

}  // namespace genq::store
