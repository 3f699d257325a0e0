#pragma once
#include <fmt/format.h>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "server/domain/job.hpp"

namespace genq::sim {

/// An invariant does not hold. `check` names it.
struct Violation : std::runtime_error {
    Violation(std::string name, const std::string& detail) : std::runtime_error(detail), check(std::move(name)) {}
    std::string check;
};

/// Ends the run with a violation of `check` unless `holds`.
template <class... Args>
void require(bool holds, const char* check, fmt::format_string<Args...> detail, Args&&... args) {
    if (!holds) throw Violation(check, fmt::format(detail, std::forward<Args>(args)...));
}

/// One job as its caller and kie.ai know it: the truth that the daemon's rows are held against.
struct Order {
    int number = 0;
    NewJob job;

    // The caller's side.
    bool answered = false;  // a 202 was received: from then on the job must not be lost
    bool refused = false;
    std::optional<JobId> id;
    int resubmits = 0;             // retries with {"resubmit":true}: each allows one more task
    bool retry_asked = false;      // under way or not seen yet
    int batch = 0;                 // the number of its batch; 0: it came alone
    std::vector<int> refers_to{};  // orders whose task's ids its input asks for
    bool wall_jumped = false;      // the wall clock jumped in its lifetime, so its times prove nothing

    // kie.ai's side, of all its tasks.
    int tasks = 0;
    int failed_tasks = 0;  // of these, the ones whose record says "failed", or that kie.ai lost
    int rejections = 0;    // answers that refuse the request itself
    int server_errors = 0;
    bool media_gone = false;  // no URL of its outputs works any more
    bool no_result = false;   // a record said "success" and showed nothing
    // Of its last create.
    bool answer_lost = false;                      // nobody can say what became of it
    int lost_answers = 0;                          // how often that was so
    std::optional<SteadyTime> answered_at;         // a readable answer reached the daemon
    std::optional<SteadyTime> generating_since{};  // the first look that showed it

    std::optional<JobStatus> seen;  // the status that the store last showed
    JobErrorCode failed_with{};     // when it last failed
    bool ended_badly = false;       // it has failed or was canceled, be it long ago
    std::string task_id{};          // as the store last showed it
};

/// Orders that came in one request, to be accepted together or not at all.
struct OrderBatch {
    std::vector<int> orders;
    bool answered = false;
    bool refused = false;
};

/// All that happened in a run, and how much of it.
struct Ledger {
    std::map<int, Order> orders;
    std::map<int, OrderBatch> batches;
    bool lost_are_sent_again = false;  // upstream.on_unknown is "resubmit": each lost answer allows one more task
    std::map<std::string, std::int64_t, std::less<>> faults;  // by kind
    std::int64_t creates = 0;                                 // that arrived
    std::int64_t queries = 0;
    std::int64_t looks_at_1080p = 0;  // of the queries
    std::int64_t calls = 0;           // of kie.ai's, to our callBackUrls
    std::int64_t downloads = 0;
    std::int64_t tasks = 0;
    std::int64_t crashes = 0;
    std::int64_t restarts = 0;  // after a clean stop
    std::int64_t steps = 0;
    std::int64_t commits = 0;
    std::int64_t checks = 0;
    std::uint64_t trace = 0xcbf29ce484222325ULL;  // FNV-1a of all that happened, in order

    void fault(std::string_view kind) {
        const auto found = faults.find(kind);
        if (found == faults.end()) {
            faults.emplace(kind, 1);
        } else {
            ++found->second;
        }
        note(kind);
    }
    void note(std::string_view event) {
        for (const char c : event) trace = (trace ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    [[nodiscard]] Order* find(int number) {
        const auto found = orders.find(number);
        return found == orders.end() ? nullptr : &found->second;
    }
};

/// Models that upgrade a finished video, and are asked for by the same request again and again.
[[nodiscard]] inline bool is_upgrade(std::string_view model) {
    return model == "veo/1080p" || model == "veo/4k";
}

/// In the names of files that only a forged call has shown.
inline constexpr std::string_view forged_file = "forged-";

/// The number of the order that a request or a stored input is for: "order 17" is in every prompt, "order-17" in the
/// task id of every video that is to be upgraded.
[[nodiscard]] inline int order_in(std::string_view text) {
    constexpr std::string_view mark = "order";
    const auto at = text.find(mark);
    if (at == std::string_view::npos) return 0;
    int number = 0;
    for (auto i = at + mark.size() + 1; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

}  // namespace genq::sim
