#include "tests/sim/limiter_run.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <deque>
#include <optional>
#include <queue>
#include <vector>

#include "server/limiter/window.hpp"
#include "tests/sim/dice.hpp"

namespace genq::sim {

namespace {

using std::chrono::milliseconds;

enum class What { arrival, answer, loss, unsent, stranger, death };

struct Event {
    SteadyTime at;
    std::int64_t order;  // of putting down, for those of one time
    What what;
    int process;
    bool refused;
    friend bool operator>(const Event& a, const Event& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }
};

class Run {
  public:
    explicit Run(const LimiterPlan& plan)
        : plan_(plan),
          dice_(plan.seed),
          window_(plan.window_ms),
          straggler_(plan.straggler_ms),
          limiter_(plan.limit, window_, straggler_, now_, std::nullopt) {}

    LimiterOutcome go() {
        const SteadyTime began = now_;
        milliseconds with_stranger{0};
        std::int64_t arrivals_with_stranger = 0;
        if (plan_.restarts) push(now_ + dice_.next_after(milliseconds(600'000)), What::death);
        while (sent_ < plan_.calls) {
            const bool stranger =
                plan_.stranger_per_minute > 0 && sent_ > plan_.calls / 3 && sent_ < plan_.calls * 2 / 3;
            if (stranger && !stranger_) push(now_, What::stranger);
            stranger_ = stranger;
            const SteadyTime before = now_;
            const std::int64_t arrived = out_.arrivals;
            while (sent_ < plan_.calls && up_ && limiter_.take(now_)) send();
            if (sent_ >= plan_.calls) break;
            SteadyTime next = events_.empty() ? SteadyTime::max() : events_.top().at;
            if (up_) {
                if (const auto free = limiter_.next_free(now_))
                    next = std::min(next, std::max(*free, now_ + milliseconds(1)));
            }
            now_ = next;
            while (!events_.empty() && events_.top().at <= now_) handle();
            if (stranger) {
                with_stranger += std::chrono::duration_cast<milliseconds>(now_ - before);
                arrivals_with_stranger += out_.arrivals - arrived;
            }
        }
        const auto passed = std::chrono::duration<double>(now_ - began - with_stranger).count();
        const double permitted = passed * plan_.limit / std::chrono::duration<double>(window_).count();
        out_.use = static_cast<double>(out_.arrivals - arrivals_with_stranger) / permitted;
        out_.tokens_at_end = limiter_.limit();
        return out_;
    }

  private:
    void push(SteadyTime at, What what, bool refused = false) {
        events_.push({at, next_order_++, what, process_, refused});
    }

    void send() {
        ++sent_;
        if (plan_.steady_answers) {
            push(now_ + milliseconds(100), What::arrival);
            return;
        }
        if (dice_.chance(0.01)) {
            push(now_ + dice_.between(milliseconds(1), milliseconds(50)), What::unsent);
            return;
        }
        const auto there = dice_.heavy(milliseconds(20), milliseconds(25'000));
        if (dice_.chance(0.02)) {
            // Given up before it arrives: up to the straggler time may pass until it does.
            const auto given_up = std::max(there - straggler_, dice_.between(milliseconds(1), there));
            push(now_ + given_up, What::loss);
            ++out_.lost;
            push(now_ + std::min(there, given_up + straggler_ - milliseconds(1)), What::arrival, true);
            return;
        }
        push(now_ + there, What::arrival);
    }

    bool count(std::deque<SteadyTime>& times) {
        while (!times.empty() && now_ - times.front() >= window_) times.pop_front();
        return times.size() < static_cast<std::size_t>(plan_.limit);
    }

    void arrive(const Event& event) {
        ++out_.arrivals;
        (void)count(ours_);
        ours_.push_back(now_);
        out_.busiest = std::max(out_.busiest, static_cast<std::int64_t>(ours_.size()));
        const bool accepted = count(all_);
        if (accepted) all_.push_back(now_);
        if (event.refused) return;  // nobody waits for its answer any more
        const auto back =
            plan_.steady_answers ? milliseconds(100) : dice_.heavy(milliseconds(20), milliseconds(25'000));
        out_.longest_ms = std::max<std::int64_t>(out_.longest_ms, back.count());
        events_.push({now_ + back, next_order_++, What::answer, event.process, !accepted});
    }

    void handle() {
        const Event event = events_.top();
        events_.pop();
        const bool ours = event.process == process_ && up_;
        switch (event.what) {
            case What::arrival:
                // What a dead process sent still arrives, for as long as the claim allows.
                if (event.process == process_ || now_ < died_ + straggler_) arrive(event);
                return;
            case What::answer:
                if (!ours) return;
                limiter_.answered(now_);
                if (!event.refused) return;
                ++out_.refused;
                limiter_.refused(now_, window_ + window_ / 20);
                return;
            case What::loss:
                if (ours) limiter_.lost(now_);
                return;
            case What::unsent:
                if (ours) limiter_.not_sent();
                return;
            case What::stranger:
                if (!stranger_) return;
                if (count(all_)) all_.push_back(now_);
                push(now_ + dice_.next_after(milliseconds(60'000) / plan_.stranger_per_minute), What::stranger);
                return;
            case What::death:
                restart();
                return;
        }
    }

    /// The process dies, and after a while the next one begins as DESIGN.md, "The limiter", says.
    void restart() {
        if (up_) {
            up_ = false;
            died_ = now_;
            ++out_.restarts;
            ++process_;
            clean_ = dice_.chance(0.5);
            push(now_ + dice_.between(milliseconds(1), milliseconds(30'000)), What::death);
            return;
        }
        auto wait = window_ + straggler_;
        if (clean_) {
            wait = std::max(milliseconds(0), wait - std::chrono::duration_cast<milliseconds>(now_ - died_));
        }
        limiter_ = limiter::WindowLimiter(plan_.limit, window_, straggler_, now_, now_ + wait);
        up_ = true;
        push(now_ + dice_.next_after(milliseconds(600'000)), What::death);
    }

    const LimiterPlan plan_;
    Dice dice_;
    const milliseconds window_;
    const milliseconds straggler_;
    SteadyTime now_{std::chrono::hours(1)};
    limiter::WindowLimiter limiter_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::deque<SteadyTime> ours_;
    std::deque<SteadyTime> all_;  // accepted ones, strangers' too
    LimiterOutcome out_;
    std::int64_t sent_ = 0;
    std::int64_t next_order_ = 0;
    int process_ = 0;
    bool up_ = true;
    bool clean_ = false;
    bool stranger_ = false;
    SteadyTime died_{};
};

}  // namespace

LimiterOutcome run_limiter(const LimiterPlan& plan) {
    return Run(plan).go();
}

std::string to_text(const LimiterPlan& plan, const LimiterOutcome& outcome) {
    return fmt::format(
        "{} calls at {} in {} ms{}{}{}: at most {} in a window; {:.1f} % of what the limit permits; {} answers lost, "
        "the slowest {} ms, {} restarts, {} refused",
        outcome.arrivals, plan.limit, plan.window_ms, plan.steady_answers ? ", answers after 200 ms" : ", heavy tails",
        plan.restarts ? ", restarts" : "", plan.stranger_per_minute > 0 ? ", a stranger" : "", outcome.busiest,
        outcome.use * 100, outcome.lost, outcome.longest_ms, outcome.restarts, outcome.refused);
}

}  // namespace genq::sim
