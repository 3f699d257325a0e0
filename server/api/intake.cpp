#include "server/api/intake.hpp"

namespace genq::api {

Intake::Decision Intake::decide(std::int64_t jobs) {
    const std::lock_guard lock(mutex_);
    if (asked_at_ && estimate_ + jobs <= max_queued_) {
        estimate_ += jobs;
        return Decision::admitted;
    }
    if (asked_at_ && clock_.now() < *asked_at_ + std::chrono::seconds(1)) return Decision::full;
    return Decision::ask;
}

boost::asio::awaitable<Checked<void>> Intake::admit(std::int64_t jobs) {
    if (max_queued_ == 0) co_return Checked<void>{};
    Decision decision = decide(jobs);
    if (decision == Decision::ask) {
        const auto stats = co_await store_.stats();
        if (!stats) co_return std::unexpected(from_error(stats.error()));
        std::int64_t queued = 0;
        for (const auto& row : stats->counts) {
            if (row.status == JobStatus::queued) queued += row.jobs;
        }
        {
            const std::lock_guard lock(mutex_);
            estimate_ = queued;
            asked_at_ = clock_.now();
        }
        decision = decide(jobs);
    }
    if (decision == Decision::admitted) co_return Checked<void>{};
    co_return refuse(ProblemCode::queue_full, "the queue holds as many jobs as it may; try again later");
}

void Intake::give_back(std::int64_t jobs) {
    if (max_queued_ == 0) return;
    const std::lock_guard lock(mutex_);
    estimate_ -= jobs;
}

}  // namespace genq::api
