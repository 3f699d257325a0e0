#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/picture.hpp"

namespace genq::cli {
namespace {

constexpr std::chrono::milliseconds between_pictures{1000};

PictureSize terminal_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row < 2) return {};
    return {size.ws_col, size.ws_row - std::size_t{1}};  // the cursor stands in the last line
}

// What has come of asking: a picture, or nothing yet because the daemon does not answer.
struct Look {
    std::string picture;
    std::string trouble;
};

std::expected<Look, int> look(Client& client, PictureSize size) {
    std::array<boost::json::value, 3> answers;
    const auto rows = std::clamp<std::size_t>(size.lines, 1, 200);
    const std::array<std::string, 3> targets{
        "/v1/queue", fmt::format("/v1/jobs?status=submitting,generating,downloading&limit={}", rows),
        fmt::format("/v1/jobs?limit={}", rows)};
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const auto response = client.send({.target = targets[i]});
        if (!response) return Look{"", response.error().detail};
        if (response->status / 100 != 2) return std::unexpected(report_refusal(*response));
        answers[i] = body_of(*response);
    }
    return Look{render_queue(answers[0], answers[1], answers[2], client.clock().wall_now(), size), ""};
}

int watch(Client& client, bool once) {
    // A pipe takes no picture after picture: `genqd events` is for that.
    const bool live = !once && ::isatty(STDOUT_FILENO) == 1;
    bool drawn = false;
    for (;;) {
        const auto found = look(client, terminal_size());
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
            fmt::print("\033[H\033[7mno answer from the daemon, trying again: {}\033[0m\033[K\n",
                       printable(found->trouble));
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
