#include "server/polling/planner.hpp"

#include <algorithm>
#include <cmath>

namespace genq::polling {

using std::chrono::milliseconds;

namespace {

// No task goes unasked for longer than this share of its longest wait.
constexpr int looks_in_longest_wait = 4;
// Where a callback is awaited, the share of tasks that it should have told of by then.
constexpr double safety_net = 0.99;
// However free the limiter is: a tenth of a second nobody misses.
constexpr double least_price = 0.1;

double seconds(SteadyTime::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

SteadyTime::duration steady(double seconds) {
    return std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

double price(const Scarcity& scarcity) {
    const int limit = std::max(1, scarcity.limit);
    const int free = std::clamp(scarcity.free, 1, limit);
    const double interval = scarcity.window_s / limit;
    const double runs_out = std::pow(static_cast<double>(limit - free) / limit, free);
    const double next_waits = runs_out * std::max(interval, scarcity.next_back_s);
    return std::max(next_waits, least_price) + interval * std::max(0, scarcity.waiting_creates);
}

Planner::Watched Planner::planned(Task task) {
    Watched watched;
    watched.jitter = random_.unit();
    watched.looked_s = std::max(0.0, seconds(task.looked - task.submitted));
    const auto age = std::chrono::duration_cast<milliseconds>(task.looked - task.submitted);
    const bool never = task.looked <= task.submitted;
    watched.not_before = task.looked + with_jitter(never ? task.rule.first : floor_at(task.rule, age), random_);
    watched.at_latest = std::min(task.looked + task.longest_wait / looks_in_longest_wait,
                                 std::max(task.looked, task.submitted + task.longest_wait));
    if (task.called_back) {
        const double hardly_one = book_.law(task.model).quantile(safety_net);
        const auto net = task.submitted + std::min<SteadyTime::duration>(steady(hardly_one), task.longest_wait / 2);
        watched.not_before = std::max(watched.not_before, net);
        watched.at_latest = std::max(watched.at_latest, watched.not_before);
    }
    watched.task = std::move(task);
    return watched;
}

void Planner::watch(std::int64_t id, Task task, const Prior& prior) {
    drop(id);
    book_.prepare(task.model, prior);
    const Watched& watched = tasks_.emplace(id, planned(std::move(task))).first->second;
    book_.added(watched.task.model, watched.looked_s);
    changed();
}

void Planner::asking(std::int64_t id) {
    tasks_.at(id).asking = true;
    changed();
}

void Planner::looked(std::int64_t id, SteadyTime now) {
    Watched& watched = tasks_.at(id);
    book_.removed(watched.task.model, watched.looked_s);
    watched.task.looked = now;
    watched = planned(std::move(watched.task));
    book_.added(watched.task.model, watched.looked_s);
    changed();
}

void Planner::failed(std::int64_t id, SteadyTime now, milliseconds pause) {
    Watched& watched = tasks_.at(id);
    const auto age = std::chrono::duration_cast<milliseconds>(now - watched.task.submitted);
    watched.asking = false;
    watched.not_before = now + std::max(pause, with_jitter(floor_at(watched.task.rule, age), random_));
    changed();
}

void Planner::ask_at(std::int64_t id, SteadyTime when) {
    Watched& watched = tasks_.at(id);
    watched.asking = false;
    watched.not_before = when;
    watched.at_latest = when;
    changed();
}

void Planner::finished(std::int64_t id, SteadyTime now, std::optional<double> took) {
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) return;
    const Watched watched = found->second;
    drop(id);
    const double until = seconds(now - watched.task.submitted);
    // What does not fit what was seen is not believed.
    const bool fits = took && *took >= watched.looked_s && *took <= until;
    book_.observe(watched.task.model, fits ? *took : watched.looked_s, fits ? *took : until);
}

void Planner::gave_up(std::int64_t id) {
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) return;
    const Watched watched = found->second;
    drop(id);
    if (watched.looked_s > 0) book_.censor(watched.task.model, watched.looked_s);
}

void Planner::drop(std::int64_t id) {
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) return;
    book_.removed(found->second.task.model, found->second.looked_s);
    tasks_.erase(found);
    changed();
}

SteadyTime Planner::due(const Watched& watched, double price) {
    const double looked = watched.looked_s;
    const double wait = book_.law(watched.task.model).worth_asking_at(price, looked) - looked;
    // A batch that was made together would else be due together.
    const double late = watched.jitter * std::min(0.1 * wait, seconds(watched.task.rule.interval) / 2);
    const SteadyTime worth = watched.task.looked + steady(wait + late);
    return std::max(watched.not_before, std::min(worth, watched.at_latest));
}

SteadyTime Planner::due(std::int64_t id, double price) {
    return due(tasks_.at(id), price);
}

SteadyTime Planner::first(Task task, const Prior& prior, double price) {
    book_.prepare(task.model, prior);
    return due(planned(std::move(task)), price);
}

double Planner::mean_task_s() {
    double all = 0;
    for (const auto& [id, watched] : tasks_) all += book_.law(watched.task.model).mean();
    return tasks_.empty() ? 0 : all / static_cast<double>(tasks_.size());
}

std::optional<Planner::Next> Planner::next(SteadyTime now, double price) {
    if (cached_ && cached_price_ == price && cached_->at > now) return cached_;
    cached_.reset();
    cached_price_ = price;
    bool past_bound = false;
    double most = -1;
    for (auto& [id, watched] : tasks_) {
        if (watched.asking) continue;
        const SteadyTime at = due(watched, price);
        if (at > now) {
            if (!cached_ || (cached_->at > now && at < cached_->at)) cached_ = Next{at, id};
            continue;
        }
        const bool bound = watched.at_latest <= now;
        if (past_bound && !bound) continue;
        const double age = seconds(now - watched.task.submitted);
        // Among those past their bound the one that is longest.
        const double worth =
            bound ? seconds(now - watched.at_latest) : book_.law(watched.task.model).worth(age, watched.looked_s);
        if (bound == past_bound && worth <= most) continue;
        past_bound = bound;
        most = worth;
        cached_ = Next{at, id};
    }
    return cached_;
}

}  // namespace genq::polling
