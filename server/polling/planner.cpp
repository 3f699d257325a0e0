#include "server/polling/planner.hpp"

#include <algorithm>
#include <cmath>

namespace genq::polling {

using std::chrono::milliseconds;

namespace {

// No task goes unasked for longer than this share of its longest wait.
constexpr int looks_in_longest_wait = 4;

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
    return std::max(next_waits, interval / limit) + interval * std::max(0, scarcity.waiting_creates);
}

void Planner::plan(Watched& watched) {
    const Task& task = watched.task;
    watched.asking = false;
    watched.jitter = random_.unit();
    watched.looked_s = std::max(0.0, seconds(task.looked - task.submitted));
    const auto age = std::chrono::duration_cast<milliseconds>(task.looked - task.submitted);
    const bool never = task.looked <= task.submitted;
    watched.not_before = task.looked + with_jitter(never ? task.rule.first : floor_at(task.rule, age), random_);
    watched.at_latest = std::min(task.looked + task.longest_wait / looks_in_longest_wait,
                                 std::max(task.looked, task.submitted + task.longest_wait));
    changed();
}

void Planner::watch(std::int64_t id, Task task, const Prior& prior) {
    drop(id);
    book_.prepare(task.model, prior);
    Watched& watched = tasks_[id];
    watched.task = std::move(task);
    plan(watched);
    book_.added(watched.task.model, watched.looked_s);
}

void Planner::asking(std::int64_t id) {
    tasks_.at(id).asking = true;
    changed();
}

void Planner::looked(std::int64_t id, SteadyTime now) {
    Watched& watched = tasks_.at(id);
    book_.removed(watched.task.model, watched.looked_s);
    watched.task.looked = now;
    plan(watched);
    book_.added(watched.task.model, watched.looked_s);
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

void Planner::finished(std::int64_t id, SteadyTime now) {
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) return;
    const Watched watched = found->second;
    drop(id);
    book_.observe(watched.task.model, watched.looked_s, seconds(now - watched.task.submitted));
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
