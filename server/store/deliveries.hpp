#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/domain/job.hpp"

/// What the store keeps of webhooks (DESIGN.md, "Webhooks").
namespace genq::store {

enum class DeliveryState { pending, delivered, failed };

/// One delivery of a job: the job's row and the delivery's number, from 1.
using DeliveryKey = std::pair<std::int64_t, int>;

/// What is to be sent now.
struct DueDelivery {
    JobId job;
    int n = 0;
    std::string event;
    std::string webhook_id;
    std::string url;       ///< never logged: its query may hold a secret
    std::string receiver;  ///< host, with its port if that is not the scheme's own, and path
    std::string body;
    int tries = 0;              ///< made since the last redelivery
    WallTime at{};              ///< when it was due
    std::string traceparent{};  ///< of the request that the job came with; "" for none
    std::string tracestate{};   ///< likewise

    [[nodiscard]] DeliveryKey key() const { return {job.row(), n}; }
};

/// Whether there is a place for one more try.
enum class Room { taken, none_for_it, none_for_its_host };

/// Which due deliveries are looked for: those of receivers in order, beginning after `after` and going round.
struct DueDeliveries {
    WallTime now{};
    std::string after{};
    std::set<DeliveryKey> under_way{};  ///< passed over
    /// Takes a place for a try to the receiver, or says that there is none. On the reader's thread.
    std::function<Room(const std::string& receiver)> admit{};
    int limit = 0;
};

/// What was found, and when the next becomes due that is not yet.
struct FoundDeliveries {
    std::vector<DueDelivery> due;
    std::optional<WallTime> next_at{};
};

/// One try at a delivery.
struct DeliveryTry {
    WallTime at{};
    std::optional<int> status{};  ///< of the answer
    std::string error{};          ///< why there was none; "" if there was
    std::chrono::milliseconds duration{0};
};

/// What follows from a try.
enum class AfterTry {
    delivered,
    again,    ///< at a time
    give_up,  ///< it has failed
    gone,     ///< it has failed, and so has all that is pending; the job's webhook gets nothing more
};

/// A delivery as it is listed.
struct Delivery {
    int n = 0;
    std::string event;
    std::string webhook_id;
    DeliveryState state{};
    std::vector<DeliveryTry> tries;  ///< the last hundred, oldest first
    std::optional<WallTime> next_at;
};

/// The body of a webhook, of the job as it is at the event. On the writer's thread, inside a transaction.
using EventBody = std::function<std::string(const Job& job, std::string_view event, WallTime at)>;

/// The name as the API and the store spell it.
[[nodiscard]] std::string_view to_string(DeliveryState state);
/// nullopt for what is no state.
[[nodiscard]] std::optional<DeliveryState> delivery_state_from(std::string_view text);

}  // namespace genq::store
