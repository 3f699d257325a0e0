#include "tests/sim/polling/line.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <set>

#include "server/limiter/window.hpp"
#include "server/polling/planner.hpp"

namespace genq::sim {

using namespace std::chrono_literals;

namespace {

constexpr auto latency = 200ms;
constexpr auto fixed_interval = 5s;
constexpr auto callback_delay = 300ms;

double seconds(SteadyTime::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

class Line {
  public:
    Line(const LineOptions& options, const std::vector<MixModel>& mix)
        : options_(options),
          mix_(mix),
          random_(options.seed),
          planner_(planner_random_),
          limiter_(options.limit, 10s, 10s, now_, std::nullopt) {
        if (options_.jobs_a_minute > 0) arrives_ = now_;
    }

    LineResult run() {
        while (ended_ < options_.warm_up + options_.jobs) {
            arrive();
            answers();
            callbacks();
            while (send()) {
            }
            now_ = std::max(now_ + 1ms, next());
        }
        const double counted = options_.jobs;
        LineResult result;
        result.queries_a_job = queries_ / counted;
        result.unnoticed_s = unnoticed_ / counted;
        result.jobs_a_minute = counted / seconds(now_ - counted_since_) * 60;
        result.within_50 = within_50_ / counted;
        result.within_90 = within_90_ / counted;
        result.longest_unasked_s = longest_unasked_;
        result.create_wait_s = create_wait_ / counted;
        return result;
    }

  private:
    struct Task {
        const MixModel* model = nullptr;
        SteadyTime made;
        SteadyTime done;
        SteadyTime looked;
        double median = 0;  // predicted
        double ninth = 0;
    };
    struct Answer {
        bool create = false;
        std::int64_t task = 0;
    };

    [[nodiscard]] bool counting() const { return ended_ >= options_.warm_up; }
    [[nodiscard]] bool backlog() const { return options_.jobs_a_minute <= 0; }
    [[nodiscard]] bool create_waits() const {
        return (backlog() || !waiting_.empty()) && static_cast<int>(tasks_.size()) + creating_ < options_.max_tasks;
    }

    void arrive() {
        while (arrives_ && *arrives_ <= now_) {
            waiting_.push_back(*arrives_);
            const double gap = -std::log(1 - random_.unit()) * 60 / options_.jobs_a_minute;
            *arrives_ += std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>(gap));
        }
    }

    double price() {
        if (options_.price) return *options_.price;
        const int waiting = !create_waits() ? 0 : backlog() ? 1'000 : static_cast<int>(waiting_.size());
        return polling::price({limiter_.limit(), limiter_.free(now_), 10, seconds(limiter_.next_back(now_)), waiting});
    }

    std::optional<polling::Planner::Next> next_look() {
        if (options_.looks == Looks::learned) return planner_.next(now_, price());
        if (fixed_.empty()) return std::nullopt;
        return polling::Planner::Next{fixed_.begin()->first, fixed_.begin()->second};
    }

    // Queries and creates take turns while both want the next token, as in the engine's dispatcher.
    bool send() {
        if (limiter_.free(now_) == 0) return false;
        const auto look = next_look();
        const bool query = look && look->at <= now_ && (!query_had_last_ || !create_waits());
        if (!query && !create_waits()) return false;
        (void)limiter_.take(now_);
        query_had_last_ = query;
        if (!query) {
            if (!backlog()) {
                if (counting()) create_wait_ += seconds(now_ - waiting_.front());
                waiting_.pop_front();
            }
            ++creating_;
            under_way_.emplace(now_ + latency, Answer{true, 0});
            return true;
        }
        if (counting()) ++queries_;
        const Task& task = tasks_.at(look->id);
        if (counting()) longest_unasked_ = std::max(longest_unasked_, seconds(now_ - task.looked));
        if (options_.looks == Looks::learned) planner_.asking(look->id);
        if (options_.looks == Looks::fixed) fixed_.erase(fixed_.begin());
        under_way_.emplace(now_ + latency, Answer{false, look->id});
        return true;
    }

    void answers() {
        while (!under_way_.empty() && under_way_.begin()->first <= now_) {
            const Answer answer = under_way_.begin()->second;
            under_way_.erase(under_way_.begin());
            limiter_.answered(now_);
            if (answer.create) {
                made();
            } else {
                looked(answer.task);
            }
        }
    }

    void made() {
        --creating_;
        const std::int64_t id = ++last_id_;
        Task task;
        task.model = &draw(mix_, random_);
        task.made = now_;
        task.looked = now_;
        task.done = now_ - latency / 2 + draw_duration(*task.model, random_);
        if (options_.looks == Looks::none) callbacks_.emplace(task.done + callback_delay, id);
        if (options_.looks == Looks::fixed) fixed_.emplace(now_ + fixed_interval, id);
        if (options_.looks == Looks::learned) {
            polling::Rule rule = task.model->rule;
            if (!options_.floors) rule.interval = rule.stretched_interval = rule.first = 100ms;
            planner_.watch(id, {task.model->name, rule, rule.longest_wait, now_, now_}, task.model->prior);
            const polling::Law& law = planner_.book().law(task.model->name);
            task.median = law.quantile(0.5);
            task.ninth = law.quantile(0.9);
        }
        tasks_.emplace(id, task);
    }

    void looked(std::int64_t id) {
        Task& task = tasks_.at(id);
        // The server looked half a latency ago.
        if (task.done > now_ - latency / 2) {
            task.looked = now_;
            if (options_.looks == Looks::learned) planner_.looked(id, now_);
            if (options_.looks == Looks::fixed) fixed_.emplace(now_ + fixed_interval, id);
            return;
        }
        end(id);
    }

    void callbacks() {
        while (!callbacks_.empty() && callbacks_.begin()->first <= now_) {
            const std::int64_t id = callbacks_.begin()->second;
            callbacks_.erase(callbacks_.begin());
            end(id);
        }
    }

    void end(std::int64_t id) {
        const Task task = tasks_.at(id);
        tasks_.erase(id);
        if (options_.looks == Looks::learned) planner_.finished(id, now_);
        if (counting()) {
            unnoticed_ += seconds(now_ - task.done);
            const double took = seconds(task.done - task.made);
            within_50_ += took <= task.median ? 1 : 0;
            within_90_ += took <= task.ninth ? 1 : 0;
        }
        ++ended_;
        if (ended_ == options_.warm_up) counted_since_ = now_;
    }

    SteadyTime next() {
        SteadyTime next = SteadyTime::max();
        if (arrives_) next = std::min(next, *arrives_);
        if (!under_way_.empty()) next = std::min(next, under_way_.begin()->first);
        if (!callbacks_.empty()) next = std::min(next, callbacks_.begin()->first);
        if (const auto token = limiter_.next_free(now_)) {
            if (create_waits()) next = std::min(next, *token);
            // The price falls with each token that comes back.
            const SteadyTime cheaper = now_ + limiter_.next_back(now_);
            if (const auto look = next_look()) next = std::min(next, std::max(std::min(look->at, cheaper), *token));
        }
        return next;
    }

    const LineOptions options_;
    const std::vector<MixModel>& mix_;
    SteadyTime now_{1h};
    SeededRandom random_;
    SeededRandom planner_random_{99};  // of its own: what is drawn for the jobs is the same for all ways of looking
    polling::Planner planner_;
    limiter::WindowLimiter limiter_;
    std::optional<SteadyTime> arrives_;
    std::deque<SteadyTime> waiting_;  // since when
    int creating_ = 0;
    bool query_had_last_ = false;
    std::int64_t last_id_ = 0;
    std::map<std::int64_t, Task> tasks_;
    std::multimap<SteadyTime, Answer> under_way_;
    std::set<std::pair<SteadyTime, std::int64_t>> fixed_;
    std::set<std::pair<SteadyTime, std::int64_t>> callbacks_;

    int ended_ = 0;
    SteadyTime counted_since_{1h};
    double queries_ = 0;
    double unnoticed_ = 0;
    double within_50_ = 0;
    double within_90_ = 0;
    double longest_unasked_ = 0;
    double create_wait_ = 0;
};

}  // namespace

LineResult run_line(const LineOptions& options, const std::vector<MixModel>& mix) {
    return Line(options, mix).run();
}

EqualQueries at_equal_queries(std::uint64_t seed, int jobs, const std::vector<MixModel>& mix) {
    constexpr int steps = 12;
    LineOptions options;
    options.seed = seed;
    options.jobs = jobs;
    options.limit = 20'000;
    options.looks = Looks::fixed;
    EqualQueries equal;
    equal.fixed = run_line(options, mix);
    options.looks = Looks::learned;
    options.floors = false;
    double low = 0.001;
    double high = 100;
    for (int i = 0; i < steps; ++i) {
        options.price = std::sqrt(low * high);
        equal.learned = run_line(options, mix);
        (equal.learned.queries_a_job > equal.fixed.queries_a_job ? low : high) = *options.price;
    }
    return equal;
}

}  // namespace genq::sim
