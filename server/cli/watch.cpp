#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <utility>

#include "server/cli/characters.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/picture.hpp"

namespace genq::cli {
namespace {

constexpr std::chrono::milliseconds between_pictures{1000};

PictureSize picture_size() {
    const auto size = terminal_size(STDOUT_FILENO);
    if (!size) return {};
    if (size->lines < 2) return {.columns = size->columns};
    return {size->columns, size->lines - 1};  // the cursor stands in the last line
}

// What has come of asking: a picture, or nothing yet because the daemon does not answer.
struct Look {
    std::string picture;
    std::string trouble;
};

std::expected<Look, int> look(Client& client, PictureSize size) {
    constexpr int most = 200;  // of a page
    const auto rows = std::clamp<std::size_t>(size.lines, 1, most);
    boost::json::value queue;
    JobPages jobs;
    const std::array<std::pair<std::string, boost::json::value*>, 4> calls{
        {{"/v1/queue", &queue},
         {fmt::format("/v1/jobs?status=submitting,generating,downloading&limit={}", rows), &jobs.running},
         // Pages are newest first, and the newest run last.
         {fmt::format("/v1/jobs?status=queued&limit={}", most), &jobs.queued},
         {fmt::format("/v1/jobs?status=succeeded,failed,canceled&limit={}", rows), &jobs.ended}}};
    for (const auto& [target, place] : calls) {
        const Call call{.target = target};
        const auto response = client.send(call);
        if (!response) return Look{"", response.error().detail};
        auto answer = answer_of(client, call, response);
        if (!answer) return std::unexpected(answer.error());
        *place = std::move(*answer);
    }
    return Look{render_queue(queue, jobs, client.clock().wall_now(), size), ""};
}

int watch(Client& client, bool once) {
    // A pipe takes no picture after picture: `genqd events` is for that.
    const bool live = !once && ::isatty(STDOUT_FILENO) == 1;
    bool drawn = false;
    for (;;) {
        const auto size = picture_size();
        const auto found = look(client, size);
        if (!found) return found.error();
        if (!live) {
            if (found->picture.empty()) return report(Error{errc::unreachable, found->trouble}, client.url());
            fmt::print("{}", found->picture);
            return exit_success;
        }
        if (!found->picture.empty()) {
            // Each line is written over the last picture's and cleared behind it, so that nothing flickers.
            std::string screen = drawn ? "\033[H" : "\033[H\033[2J";
            for (const char c : found->picture) screen += c == '\n' ? std::string("\033[K\n") : std::string(1, c);
            fmt::print("{}\033[J", screen);
            drawn = true;
        } else if (!drawn) {
            return report(Error{errc::unreachable, found->trouble}, client.url());
        } else {
            const auto trouble = "no answer from the daemon, trying again: " + printable(found->trouble);
            fmt::print("\033[H\033[7m{}\033[0m\033[K\n", cut_to(trouble, size.columns));
        }
        if (std::fflush(stdout) != 0) return exit_success;
        client.pause(between_pictures);
    }
}

}  // namespace

void add_watch(Program& program) {
    auto* app = program.add("watch", "Watch the queue in the terminal: what runs, waits and fails, as it happens",
                            "  genqd watch\n  genqd watch --once    # one picture, also where stdout is no terminal");
    auto once = std::make_shared<bool>(false);
    app->add_flag("--once", *once, "Show one picture and end");
    on_client(program, app, [once](Client& client, bool json) {
        if (!json) return watch(client, *once);
        const auto queue = ask(client, {.target = "/v1/queue"});
        if (!queue) return queue.error();
        print_json(*queue);
        return exit_success;
    });
}

}  // namespace genq::cli
