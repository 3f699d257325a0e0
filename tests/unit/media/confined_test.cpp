#include "server/media/confined.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/landlock.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <future>

#include "tests/support/temp_folder.hpp"

namespace genq::media {
namespace {

using namespace std::chrono_literals;

struct ConfinedTest : testing::Test {
    SystemClock clock;
    Confined confined{clock};
    test::TempFolder folder;

    Result<std::string> shell(const std::string& script, int input = -1) {
        return confined.run({.program = "/usr/bin/bash", .arguments = {"-c", script}, .input = input});
    }
    fs::Descriptor file(const std::string& contents) {
        std::ofstream(folder / "input") << contents;
        return std::move(*fs::open_file(folder / "input", O_RDONLY));
    }
};

bool has_landlock() {
    return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

TEST_F(ConfinedTest, gives_what_a_program_says_of_its_input) {
    const auto input = file("words");
    EXPECT_EQ(confined.run({.program = "/usr/bin/cat", .arguments = {"/dev/fd/0"}, .input = input.get()}), "words");
    EXPECT_EQ(shell("echo again; echo and dropped >&2"), "again\n");
}

TEST_F(ConfinedTest, says_how_a_program_ended) {
    EXPECT_EQ(shell("exit 7").error().code, errc::malformed);
    EXPECT_EQ(shell("kill -SEGV $$").error().code, errc::malformed);
    EXPECT_EQ(confined.run({.program = "/usr/bin/no-such-program"}).error().code, errc::io);
}

TEST_F(ConfinedTest, ends_what_takes_too_long_even_with_its_output_closed) {
    const Command sleeper{.program = "/usr/bin/sleep", .arguments = {"1000"}, .wall = 200ms};
    EXPECT_EQ(confined.run(sleeper).error().code, errc::timeout);
    const Command silent{.program = "/usr/bin/bash", .arguments = {"-c", "exec >&-; sleep 1000"}, .wall = 200ms};
    EXPECT_EQ(confined.run(silent).error().code, errc::timeout);
}

TEST_F(ConfinedTest, ends_what_computes_too_long) {
    const Command busy{.program = "/usr/bin/bash", .arguments = {"-c", "while :; do :; done"}, .wall = 60s, .cpu = 1s};
    EXPECT_EQ(confined.run(busy).error().code, errc::malformed);
}

TEST_F(ConfinedTest, ends_what_says_too_much) {
    const Command talker{.program = "/usr/bin/yes", .max_output = 1000};
    EXPECT_EQ(confined.run(talker).error().code, errc::too_large);
}

TEST_F(ConfinedTest, is_stopped_at_once_and_for_good) {
    auto running = std::async(std::launch::async, [&] {
        return confined.run({.program = "/usr/bin/sleep", .arguments = {"1000"}, .wall = 600s});
    });
    confined.stop();
    EXPECT_EQ(running.get().error().code, errc::canceled);
    EXPECT_EQ(shell("sleep 1000").error().code, errc::canceled);
}

TEST_F(ConfinedTest, leaves_a_program_little) {
    EXPECT_EQ(confined.run({.program = "/usr/bin/env"}), "");
    EXPECT_EQ(shell("ulimit -v; ulimit -f; ulimit -c; ulimit -n"), "1572864\n0\n0\n64\n");
    const int inherited = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    EXPECT_EQ(shell(": <&" + std::to_string(inherited)).error().code, errc::malformed);
    ::close(inherited);
}

TEST_F(ConfinedTest, can_write_to_no_file) {
    EXPECT_FALSE(shell("echo x > " + (folder / "out")));
    EXPECT_FALSE(std::filesystem::exists(folder / "out") && std::filesystem::file_size(folder / "out") > 0);
}

TEST_F(ConfinedTest, reaches_no_network) {
    const fs::Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    const auto connect = "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(ntohs(address.sin_port));
    pollfd called{listener.get(), POLLIN, 0};
    EXPECT_EQ(shell(connect).error().code, errc::malformed);
    EXPECT_EQ(::poll(&called, 1, 0), 0);
    // The same words do connect where nothing forbids it.
    ASSERT_EQ(std::system(("bash -c '" + connect + "'").c_str()), 0);
    EXPECT_EQ(::poll(&called, 1, 0), 1);
}

TEST_F(ConfinedTest, signals_nobody_but_itself) {
    ASSERT_EQ(std::system("bash -c 'kill -0 $PPID'"), 0) << "where nothing forbids it";
    EXPECT_EQ(shell("kill -0 $PPID || echo no"), "no\n");
    EXPECT_EQ(shell("kill -0 $$ && echo yes"), "yes\n");
}

TEST_F(ConfinedTest, opens_no_file_but_its_input) {
    if (!has_landlock()) GTEST_SKIP() << "this kernel has no Landlock";
    std::ofstream(folder / "secret") << "key";
    EXPECT_EQ(shell("echo $(< " + (folder / "secret") + ")"), "\n");
    EXPECT_EQ(shell("cat /etc/passwd").error().code, errc::malformed);
    const auto input = file("words");
    EXPECT_EQ(shell("cat /dev/fd/0", input.get()), "words");
}

}  // namespace
}  // namespace genq::media
