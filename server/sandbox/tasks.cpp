#include "server/sandbox/tasks.hpp"

#include <algorithm>

namespace genq::sandbox {

double Task::share(SteadyTime now) const {
    if (duration.count() <= 0) return fate == Fate::stuck ? 0.5 : 1.0;
    const std::chrono::duration<double, std::milli> passed = now - created.steady;
    const double share = std::clamp(passed.count() / static_cast<double>(duration.count()), 0.0, 1.0);
    return fate == Fate::stuck ? std::min(share, 0.5) : share;
}

Phase Task::phase(SteadyTime now) const {
    if (fate == Fate::create_failure) return Phase::failed;
    const double passed = share(now);
    if (passed >= 1.0) return fate == Fate::failure ? Phase::failed : Phase::done;
    if (passed < 0.05) return Phase::waiting;
    return passed < 1.0 / 6 ? Phase::queuing : Phase::generating;
}

Task& TaskTable::add(Task task) {
    auto id = task.id;
    return *tasks_.insert_or_assign(std::move(id), std::make_unique<Task>(std::move(task))).first->second;
}

Task* TaskTable::find(std::string_view id) {
    const auto found = tasks_.find(std::string(id));
    return found == tasks_.end() ? nullptr : found->second.get();
}

}  // namespace genq::sandbox
