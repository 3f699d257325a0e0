// Runs of the simulation from seeds, for people and for the mutation tests; `./dev sim --help` tells how.
#include <fmt/format.h>
#include <unistd.h>
#include <charconv>
#include <csignal>
#include <span>

#include "tests/sim/limiter_run.hpp"
#include "tests/sim/polling/report.hpp"
#include "tests/sim/world.hpp"

namespace genq::sim {
namespace {

constexpr std::string_view help =
    "usage: ./dev sim [--seed N] [--hours H] [--seeds COUNT]\n"
    "       ./dev sim --limiter [CALLS]\n"
    "       ./dev sim --polling\n\n"
    "  --seed N         the first seed (1 by default)\n"
    "  --hours H        virtual hours with faults (1 by default); then they stop, and every job has to end\n"
    "  --seeds COUNT    so many seeds from the first on (1 by default); stops at the first violation\n"
    "  --limiter CALLS  the limiter alone, that many calls (10,000,000 by default) in front of a counting server\n"
    "  --polling        learned polling beside fixed intervals, and how well its forecasts hold\n";

std::string current;  // for the handler below: which run to repeat

extern "C" void tell_seed(int) {
    (void)!::write(STDOUT_FILENO, current.data(), current.size());
}

struct Totals {
    std::int64_t jobs = 0;
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::int64_t canceled = 0;
    std::int64_t faults = 0;
    std::chrono::minutes virtual_time{0};
    Ledger sums;
};

void add(Totals& totals, const Outcome& outcome) {
    const Ledger& from = outcome.ledger;
    Ledger& to = totals.sums;
    totals.jobs += static_cast<std::int64_t>(from.orders.size());
    totals.succeeded += outcome.succeeded;
    totals.failed += outcome.failed;
    totals.canceled += outcome.canceled;
    totals.virtual_time += outcome.virtual_time;
    for (const auto& [kind, count] : from.faults) {
        to.faults[kind] += count;
        totals.faults += count;
    }
    to.creates += from.creates;
    to.queries += from.queries;
    to.calls += from.calls;
    to.downloads += from.downloads;
    to.tasks += from.tasks;
    to.crashes += from.crashes;
    to.restarts += from.restarts;
    to.steps += from.steps;
    to.commits += from.commits;
    to.checks += from.checks;
}

void print(const Totals& totals) {
    const Ledger& sums = totals.sums;
    for (const auto& [kind, count] : sums.faults) fmt::print("{:8} {}\n", count, kind);
    fmt::print(
        "{} jobs: {} succeeded, {} failed, {} canceled; {} tasks from {} creates, {} queries, {} callbacks, {} "
        "downloads\n"
        "{} faults of {} kinds, {} crashes, {} clean restarts in {} h of virtual time\n"
        "{} steps, {} commits with {} changed rows, all checked\n",
        totals.jobs, totals.succeeded, totals.failed, totals.canceled, sums.tasks, sums.creates, sums.queries,
        sums.calls, sums.downloads, totals.faults, sums.faults.size(), sums.crashes, sums.restarts,
        totals.virtual_time.count() / 60, sums.steps, sums.commits, sums.checks);
}

int run_seeds(Plan plan, std::uint64_t count) {
    Totals totals;
    for (std::uint64_t i = 0; i < count; ++i, ++plan.seed) {
        current = fmt::format("\nseed {}, {} h: the process died\n", plan.seed, plan.duration / std::chrono::hours(1));
        const Outcome outcome = World(plan).run();
        add(totals, outcome);
        if (outcome.violated.empty()) {
            fmt::print("seed {} held; trace {:016x}\n", plan.seed, outcome.ledger.trace);
            continue;
        }
        fmt::print("violated: {}: {}\nagain: ./dev sim --seed {} --hours {}\n", outcome.violated, outcome.detail,
                   plan.seed, plan.duration / std::chrono::hours(1));
        return 1;
    }
    print(totals);
    return 0;
}

int run_limiters(std::int64_t calls) {
    bool held = true;
    const auto run = [&held](const LimiterPlan& plan) {
        const LimiterOutcome outcome = run_limiter(plan);
        held = held && outcome.busiest <= plan.limit;
        fmt::print("{}\n", to_text(plan, outcome));
    };
    run({.calls = calls});
    run({.calls = calls, .steady_answers = true});
    run({.calls = calls / 10, .restarts = true});
    run({.calls = calls / 10, .stranger_per_minute = 60});
    run({.calls = calls / 10, .limit = 10, .window_ms = 1'000});
    return held ? 0 : 1;
}

int main(std::span<char*> arguments) {
    Plan plan;
    std::uint64_t seeds = 1;
    for (std::size_t i = 1; i < arguments.size(); i += 2) {
        const std::string_view name = arguments[i];
        std::optional<std::uint64_t> number;
        if (i + 1 < arguments.size()) {
            const std::string_view value = arguments[i + 1];
            std::uint64_t read = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), read);
            if (error == std::errc{} && end == value.data() + value.size()) number = read;
        }
        if (name == "--limiter") return run_limiters(static_cast<std::int64_t>(number.value_or(10'000'000)));
        if (name == "--polling") return print_polling_report(), 0;
        if (name == "--seed" && number) {
            plan.seed = *number;
        } else if (name == "--hours" && number) {
            plan.duration = std::chrono::hours(*number);
        } else if (name == "--seeds" && number) {
            seeds = *number;
        } else {
            fmt::print("{}", help);
            return name == "--help" ? 0 : 2;
        }
    }
    return run_seeds(plan, seeds);
}

}  // namespace
}  // namespace genq::sim

int main(int count, char** arguments) {
    std::signal(SIGABRT, genq::sim::tell_seed);
    return genq::sim::main(std::span(arguments, static_cast<std::size_t>(count)));
}
