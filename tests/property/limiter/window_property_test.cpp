#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>

#include "common/core/random.hpp"
#include "server/limiter/window.hpp"

namespace genq::limiter {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

struct Request {
    SteadyTime arrives;   // at the server
    SteadyTime answered;  // header complete at the client, or given up
    bool lost = false;
    bool unsent = false;
};

/// A client that is always hungry, in front of a network with heavy-tailed latencies on both ways; returns the times of
/// arrival at the server.
std::vector<SteadyTime> simulate(std::uint64_t seed, int calls) {
    SeededRandom random(seed);
    const auto latency = [&random] {
        // Pareto-like: mostly tens of milliseconds, now and then many seconds.
        const double u = 1.0 - random.unit();
        return milliseconds(static_cast<std::int64_t>(std::min(20.0 / (u * u), 9'000.0)));
    };
    SteadyTime now{1h};
    WindowLimiter limiter(20, 10s, 10s, now, std::nullopt);
    std::multimap<SteadyTime, Request> under_way;
    std::vector<SteadyTime> arrivals;
    for (int sent = 0; sent < calls;) {
        while (!under_way.empty() && under_way.begin()->first <= now) {
            const Request done = under_way.begin()->second;
            under_way.erase(under_way.begin());
            if (done.unsent)
                limiter.not_sent();
            else if (done.lost)
                limiter.lost(now);
            else
                limiter.answered(now);
        }
        if (limiter.take(now)) {
            ++sent;
            Request request;
            request.unsent = random.below(50) == 0;
            request.lost = random.below(20) == 0;
            request.arrives = now + latency();
            // A lost one is given up early, and arrives all the same, at most straggler_s later.
            request.answered =
                request.lost ? request.arrives - std::min<milliseconds>(9s, latency()) : request.arrives + latency();
            request.answered = std::max(request.answered, now + 1ms);
            if (!request.unsent) arrivals.push_back(request.arrives);
            under_way.emplace(request.answered, request);
            continue;
        }
        SteadyTime next = under_way.empty() ? SteadyTime::max() : under_way.begin()->first;
        if (const auto free = limiter.next_free(now)) next = std::min(next, *free);
        now = std::max(next, now + 1ms);
    }
    std::ranges::sort(arrivals);
    return arrivals;
}

RC_GTEST_PROP(WindowLimiterProperty, no_window_holds_more_than_twenty_at_the_server, (std::uint64_t seed)) {
    const auto arrivals = simulate(seed, 2'000);
    for (std::size_t i = 20; i < arrivals.size(); ++i) RC_ASSERT(arrivals[i] - arrivals[i - 20] > milliseconds(10'000));
}

}  // namespace
}  // namespace genq::limiter
