#include "server/cli/wait.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "server/cli/characters.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/say.hpp"

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

// The job, and where its outputs are on this machine.
boost::json::value with_paths(boost::json::value job, const std::vector<std::string>& paths) {
    if (paths.empty()) return job;
    auto& outputs = job.as_object()["outputs"].as_array();
    for (std::size_t i = 0; i < paths.size(); ++i) outputs.at(i).as_object()["path"] = paths[i];
    return job;
}

}  // namespace

ProgressLine ProgressLine::on_stderr() {
    return ProgressLine(::isatty(STDERR_FILENO) == 1);
}

void ProgressLine::show(const std::string& text) {
    if (!enabled_) return;
    // A line that wraps could not be written over.
    const auto size = terminal_size(STDERR_FILENO);
    say("\r\033[K{}", size ? cut_to(text, size->columns - 1) : text);
    std::fflush(stderr);
    shown_ = true;
}

void ProgressLine::clear() {
    if (!shown_) return;
    say("\r\033[K");
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
        const Call call{
            .target = fmt::format("{}?wait={}", job_target(id), wait), .wait = std::chrono::seconds(wait), .about = id};
        const auto response = client.send(call);
        if (response) {
            const bool good = response->status / 100 == 2 && body_of(*response).is_object();
            if (!good) progress.clear();
            auto job = answer_of(client, call, response);
            if (!job || is_finished(*job)) return job;
            answered = client.clock().now();
            if (progress.enabled()) {
                progress.show(
                    describe ? describe(*job)
                             : fmt::format("{}  {}", id, progress_line(*job, seconds_since(client.clock(), start))));
            }
        } else if (!may_pass(response.error().code) || seconds_since(client.clock(), answered) >= restart_s) {
            progress.clear();
            return std::unexpected(report(response.error(), client.url()));
        } else {
            progress.show(fmt::format("{}  no answer from the daemon, trying again", id));
            client.pause(std::chrono::milliseconds(500));
        }
        if (timeout_s && seconds_since(client.clock(), start) >= *timeout_s) return std::unexpected(exit_gave_up);
    }
}

Waited wait_for_all(Client& client, const std::vector<std::string>& ids, const Waiting& waiting) {
    Waited waited;
    const auto start = client.clock().now();
    for (const std::string& id : ids) {
        auto left = waiting.timeout_s;
        if (left) left = std::max<std::int64_t>(*left - seconds_since(client.clock(), start), 0);
        const auto job = wait_for_job(client, id, left, waiting.describe);
        const int code = job ? finish(client, *job, waiting.folder, waiting.json) : job.error();
        if (waited.code == exit_success) waited.code = code;
        if (code == exit_unreachable) break;
        if (code != exit_gave_up) continue;
        waited.code = exit_gave_up;
        waited.unfinished.push_back(id);
    }
    return waited;
}

int finish(Client& client, const boost::json::value& job, const std::string& folder, bool json) {
    const auto status = text_at(job, "status");
    std::vector<std::string> paths;
    if (status == "succeeded" && !folder.empty()) {
        auto fetched = fetch_outputs(client, job, folder);
        if (!fetched) {
            say("The job {} is done; `genqd get {} --out DIR` fetches its files.\n", text_at(job, "id"),
                text_at(job, "id"));
            return fetched.error();
        }
        paths = std::move(*fetched);
    }
    if (json) {
        print_json(with_paths(job, paths));
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
    say("The job {} {}", text_at(job, "id"), status == "failed" ? "failed" : "was " + printable(status));
    if (at(job, "error").is_object()) {
        say(" ({}): {}", printable(text_at(job, "error.code")), printable(text_at(job, "error.message")));
        if (const auto advice = text_at(job, "error.advice"); !advice.empty()) {
            say("\n{}", printable(advice));
        }
    }
    say("\n");
    return exit_failed;
}

}  // namespace genq::cli
