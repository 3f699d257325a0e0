#include "tests/sim/polling/report.hpp"

#include <fmt/format.h>

#include "tests/sim/polling/line.hpp"

namespace genq::sim {

namespace {

void print(std::string_view what, const LineResult& line) {
    fmt::print("{:<34}{:>8.2f}{:>11.2f}{:>11.2f}{:>11.1f}", what, line.queries_a_job, line.unnoticed_s,
               line.create_wait_s, line.jobs_a_minute);
    if (line.within_90 > 0) fmt::print("{:>9.0f} %{:>7.0f} %", line.within_50 * 100, line.within_90 * 100);
    fmt::print("\n");
}

}  // namespace

void print_polling_report() {
    const auto mix = usual_mix();
    fmt::print("A mix of images, music and video; 1,500 jobs a line after 200 to warm up; 20 requests in 10 s.\n\n");
    fmt::print("{:<34}{:>8}{:>11}{:>11}{:>11}{:>11}{:>9}\n", "", "queries", "unnoticed", "creates", "jobs",
               "took up to", "up to");
    fmt::print("{:<34}{:>8}{:>11}{:>11}{:>11}{:>11}{:>9}\n", "", "a job", "s, mean", "wait, s", "a minute", "50 % time",
               "90 %");
    const EqualQueries equal = at_equal_queries(1, 1'500, mix);
    print("no limit, every 5 s", equal.fixed);
    print("no limit, learned, as many", equal.learned);
    fmt::print("  unnoticed: {:.2f} of fixed\n", equal.learned.unnoticed_s / equal.fixed.unnoticed_s);
    for (const double rate : {5.0, 20.0, 30.0, 40.0, 50.0}) {
        LineOptions options;
        options.jobs_a_minute = rate;
        options.looks = Looks::fixed;
        const LineResult fixed = run_line(options, mix);
        options.looks = Looks::learned;
        const LineResult learned = run_line(options, mix);
        print(fmt::format("{:.0f} jobs a minute, every 5 s", rate), fixed);
        print(fmt::format("{:.0f} jobs a minute, learned", rate), learned);
        fmt::print("  unnoticed: {:.2f} of fixed\n", learned.unnoticed_s / fixed.unnoticed_s);
    }
    LineOptions backlog;
    backlog.jobs_a_minute = 0;
    backlog.looks = Looks::fixed;
    print("backlog, every 5 s", run_line(backlog, mix));
    backlog.looks = Looks::learned;
    print("backlog, learned (bound 60)", run_line(backlog, mix));
    backlog.looks = Looks::none;
    print("backlog, callbacks (bound 120)", run_line(backlog, mix));
}

}  // namespace genq::sim
