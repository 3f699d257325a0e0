#pragma once
#include <map>
#include <set>

#include "server/engine/engine.hpp"
#include "tests/sim/disk.hpp"
#include "tests/sim/ledger.hpp"

namespace genq::sim {

/// The invariants of DESIGN.md as checks, each under its name; a failed one throws Violation. (That no window holds
/// more requests than the limit, and that no job is paid for twice, is checked by Kie as each request arrives.)
class Invariants {
  public:
    Invariants(test::FakeClock& clock, Ledger& ledger, const Blobs& blobs)
        : clock_(clock), ledger_(ledger), blobs_(blobs) {}

    /// A row has changed.
    void after_change(const Job& job);
    /// Of each batch all orders have a row, or none has.
    void batches_are_whole() const;
    /// What `genqd verify` says of the database: nothing.
    static void database_agrees(const std::string& path);
    /// The database alone, with no process: it is to hold what the last one left.
    void after_reopening(const store::QueueStats& stats) const;
    /// The engine's own counts, after any step.
    void of_memory(const engine::Snapshot& snapshot, std::size_t sleepers, int max_tasks) const;
    /// An accepted job, read again.
    void still_there(const Order& order, const Result<Job>& job) const;

    [[nodiscard]] std::int64_t in_status(JobStatus status) const;
    [[nodiscard]] std::int64_t unfinished() const;

  private:
    void status_never_goes_back(const Order& order, const Job& job) const;
    void one_step_and_a_time(const Job& job) const;
    void outputs_are_whole(const Job& job) const;
    void failures_have_a_cause(const Order& order, const Job& job) const;
    void a_full_queue_takes_no_more(const Order& order) const;
    void billed_tells_the_truth(const Order& order, const Job& job) const;

    test::FakeClock& clock_;
    Ledger& ledger_;
    const Blobs& blobs_;
    std::map<JobStatus, std::int64_t> counts_;  // as the last looks at each job saw them
    // Orders whose task goes on, slot or not: it ran already when a retry or a callback brought it back.
    std::set<int> brought_back_;
};

}  // namespace genq::sim
