#include "server/cli/wait.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"

namespace genq::cli {
namespace {

constexpr std::int64_t restart_s = 30;       // how long a daemon may be away while we wait
constexpr std::int64_t longest_wait_s = 30;  // of one request; a proxy between may allow no more

std::int64_t seconds_since(Clock& clock, SteadyTime start) {
    return std::chrono::duration_cast<std::chrono::seconds>(clock.now() - start).count();
}

bool may_pass(errc code) {
    return code == errc::unreachable || code == errc::connection_lost || code == errc::timeout;
}

}  // namespace

ProgressLine ProgressLine::on_stderr() {
    return ProgressLine(::isatty(STDERR_FILENO) == 1);
}

void ProgressLine::show(const std::string& text) {
    if (!enabled_) return;
    fmt::print(stderr, "\r\033[K{}", text);
    std::fflush(stderr);
    shown_ = true;
}

void ProgressLine::clear() {
    if (!shown_) return;
    fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
    shown_ = false;
}

Answer wait_for_job(Client& client, const std::string& id, std::optional<std::int64_t> timeout_s,
                    const Describe& describe) {
    auto progress = ProgressLine::on_stderr();
    const auto start = client.clock().now();
    auto answered = start;
    for (;;) {
        const auto elapsed = seconds_since(client.clock(), start);
        // Someone who looks on gets a new line every second; a pipe needs none.
        std::int64_t wait = progress.enabled() ? 1 : longest_wait_s;
        if (timeout_s) wait = std::min(wait, std::max<std::int64_t>(*timeout_s - elapsed, 0));
        const auto response = client.send(
            {.target = fmt::format("{}?wait={}", job_target(id), wait), .wait = std::chrono::seconds(wait)});
        if (response) {
            if (response->status / 100 != 2) {
                progress.clear();
                return std::unexpected(report_refusal(*response));
            }
            answered = client.clock().now();
            auto job = body_of(*response);
            if (is_finished(job)) return job;
            if (progress.enabled()) {
                progress.show(
                    describe ? describe(job)
                             : fmt::format("{}  {}", id, progress_line(job, seconds_since(client.clock(), start))));
            }
        } else if (!may_pass(response.error().code) || seconds_since(client.clock(), answered) >= restart_s) {
            progress.clear();
            return std::unexpected(report(response.error(), client.url()));
        } else {
            progress.show(fmt::format("{}  no answer from the daemon, trying again", id));
            client.pause(std::chrono::milliseconds(500));
        }
        if (timeout_s && seconds_since(client.clock(), start) >= *timeout_s) {
            progress.clear();
            fmt::print(stderr, "The job {} is not done after {}; it goes on. `genqd wait {}` waits again.\n", id,
                       human_seconds(*timeout_s), id);
            return std::unexpected(exit_gave_up);
        }
    }
}

int finish(Client& client, const boost::json::value& job, const std::string& folder, bool json) {
    const auto status = text_at(job, "status");
    std::vector<std::string> paths;
    if (status == "succeeded" && !folder.empty()) {
        auto fetched = fetch_outputs(client, job, folder);
        if (!fetched) return fetched.error();
        paths = std::move(*fetched);
    }
    if (json) {
        print_json(job);
    } else if (status == "succeeded") {
        fmt::print("{}  {}\n", text_at(job, "id"), status);
        std::size_t index = 0;
        for (const auto& output : array_at(job, "outputs")) {
            const auto place = index < paths.size() ? paths[index] : client.url() + text_at(output, "url");
            fmt::print("  {}  {}  sha256 {}\n", printable(place),
                       human_bytes(static_cast<std::uint64_t>(int_at(output, "bytes"))),
                       printable(text_at(output, "sha256")));
            ++index;
        }
        if (!at(job, "result").is_null()) fmt::print("  {}\n", printable(text_at(job, "result")));
    }
    if (status == "succeeded") return exit_success;
    fmt::print(stderr, "The job {} {}", text_at(job, "id"), status == "failed" ? "failed" : "was " + printable(status));
    if (at(job, "error").is_object()) {
        fmt::print(stderr, " ({}): {}", printable(text_at(job, "error.code")),
                   printable(text_at(job, "error.message")));
        if (const auto advice = text_at(job, "error.advice"); !advice.empty()) {
            fmt::print(stderr, "\n{}", printable(advice));
        }
    }
    fmt::print(stderr, "\n");
    return exit_failed;
}

}  // namespace genq::cli
