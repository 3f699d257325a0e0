#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/core/clock.hpp"
#include "common/core/random.hpp"
#include "server/polling/book.hpp"
#include "server/polling/schedule.hpp"

namespace genq::polling {

/// How scarce requests are: the state of the bucket that queries draw from, and who waits for it.
struct Scarcity {
    int limit = 20;           ///< tokens
    int free = 20;            ///< of them
    double window_s = 10;     ///< for how long a token is gone
    double next_back_s = 0;   ///< when the next of those in use comes back
    int waiting_creates = 0;  ///< jobs that could be sent if there were a token for each
};

/// What a request costs the others, in seconds of waiting: each create in the line waits one token's interval longer;
/// and if the free tokens run out, for which the share in use is a measure, whoever comes next waits until one is back.
[[nodiscard]] double price(const Scarcity& scarcity);

/// Chooses which task is asked for next, and when: the one whose query is worth most, once it is worth its price
/// (DESIGN.md, "Polling"). Pure but for `random`; time is passed in. Not thread-safe: lives on the engine strand.
class Planner {
  public:
    explicit Planner(Random& random) : random_(random) {}

    struct Task {
        std::string model;
        Rule rule;
        std::chrono::milliseconds longest_wait{};
        SteadyTime submitted;
        SteadyTime looked;         ///< when it was last seen unfinished; `submitted` if never
        bool called_back = false;  ///< a callback will tell: a query is the safety net
    };
    struct Next {
        SteadyTime at;  ///< may be past
        std::int64_t id = 0;
    };

    void watch(std::int64_t id, Task task, const Prior& prior);
    [[nodiscard]] bool watches(std::int64_t id) const { return tasks_.contains(id); }
    /// Its query is under way: it is not chosen until looked(), failed() or ask_at().
    void asking(std::int64_t id);
    [[nodiscard]] bool is_asking(std::int64_t id) const { return tasks_.contains(id) && tasks_.at(id).asking; }
    /// It was seen unfinished.
    void looked(std::int64_t id, SteadyTime now);
    /// Its query brought nothing; it is not asked for again within `pause`.
    void failed(std::int64_t id, SteadyTime now, std::chrono::milliseconds pause);
    /// It is asked for at that time, whatever the law says.
    void ask_at(std::int64_t id, SteadyTime when);
    /// It was seen done, and took so many seconds if that is known: the model's law learns from it. Stops watching.
    void finished(std::int64_t id, SteadyTime now, std::optional<double> took = std::nullopt);
    /// It will not be seen done: the law learns that it was not at the last look. Stops watching.
    void gave_up(std::int64_t id);
    /// Stops watching it; nothing is learnt.
    void drop(std::int64_t id);

    /// Which task is to be asked for, and when, at that price: of those whose time has come the one that waited past
    /// its bound, else the most worth; while none is due, the one that will be first.
    [[nodiscard]] std::optional<Next> next(SteadyTime now, double price);
    /// When that task is asked for if the price stays.
    [[nodiscard]] SteadyTime due(std::int64_t id, double price);
    /// The same for a task that is not watched yet.
    [[nodiscard]] SteadyTime first(Task task, const Prior& prior, double price);
    /// How long the watched tasks take, on average; 0 when there are none.
    [[nodiscard]] double mean_task_s();
    [[nodiscard]] Book& book() { return book_; }

  private:
    struct Watched {
        Task task;
        double looked_s = 0;  // age at the last look
        SteadyTime not_before;
        SteadyTime at_latest;
        double jitter = 0;  // 0…1
        bool asking = false;
    };
    [[nodiscard]] Watched planned(Task task);
    [[nodiscard]] SteadyTime due(const Watched& watched, double price);
    void changed() { cached_.reset(); }

    Random& random_;
    Book book_;
    std::map<std::int64_t, Watched> tasks_;
    std::optional<Next> cached_;  // the last answer, while nothing changes
    double cached_price_ = 0;
};

}  // namespace genq::polling
