#include "tests/e2e/folder_watch.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace genq::test {

FolderWatch::FolderWatch(const std::filesystem::path& folder) : watch_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (::inotify_add_watch(watch_, folder.c_str(), IN_MOVED_TO | IN_MODIFY) < 0) ADD_FAILURE() << folder;
}

FolderWatch::~FolderWatch() {
    ::close(watch_);
}

bool FolderWatch::wait(const std::function<bool()>& done, const Process& child, std::chrono::milliseconds limit) {
    const auto end = clock_.now() + limit;
    while (!done()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - clock_.now()).count();
        std::array<pollfd, 2> events{pollfd{watch_, POLLIN, 0}, pollfd{child.pidfd(), POLLIN, 0}};
        if (::poll(events.data(), events.size(), static_cast<int>(std::max<std::int64_t>(left, 0))) <= 0) return done();
        if (events[1].revents != 0) return false;
        std::array<char, 4096> ignored{};
        if (::read(watch_, ignored.data(), ignored.size()) < 0) return false;
    }
    return true;
}

}  // namespace genq::test
