#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iostream>
#include <thread>

#include "tests/e2e/kill_rig.hpp"

namespace genq::test {
namespace {

std::atomic<int> deaths{0};
std::atomic<int> unknown{0};

/// How many tasks the stand-in made of this prompt.
int tasks_of(KillRig& rig, const std::string& prompt) {
    int made = 0;
    for (const auto& create : rig.ask_sandbox("/_sandbox/ledger").at("creates").as_array()) {
        made += create.at("body").at("input").at("prompt").as_string() == prompt ? 1 : 0;
    }
    return made;
}

/// One job, whose daemon dies at the n-th point and is started again. False once there is no such point.
bool survives(KillRig& rig, int n, bool later) {
    const std::string name = (later ? "later-" : "at-") + std::to_string(n);
    SCOPED_TRACE(name);
    std::optional<std::string> accepted;
    const bool died = rig.start_and_die_at_sync(name, n, later, [&](const KillRig::Life& life) {
        accepted = rig.send(name, life);
        if (accepted) rig.wait_once(*accepted, life);
    });
    if (!died) return false;
    ++deaths;
    if (!rig.start_for_good()) return false;
    const auto id = rig.submit(name);
    if (accepted) EXPECT_EQ(id, accepted) << "what was accepted is there, and the key holds";
    const auto job = id ? rig.end_of(*id) : boost::json::object();
    if (job.empty()) return false;
    if (job.at("status") == "succeeded") {
        rig.check_outputs(job);
        EXPECT_EQ(tasks_of(rig, name), 1);
    } else {
        // It died with the intent on disk: nobody can say whether the create has left.
        EXPECT_EQ(job.at("error").at("code"), "submit_unknown");
        EXPECT_LE(tasks_of(rig, name), 1);
        ++unknown;
    }
    rig.end_life();
    return !testing::Test::HasFailure();
}

// Between two points at which something becomes durable (commits, blobs, folders) the disk stays as it is, whatever the
// process does meanwhile: it dies as early and as late as that can be.
TEST(Kill, at_each_point_where_something_becomes_durable_loses_and_doubles_nothing) {
    const auto all_points = [](bool later) {
        KillRig rig;
        for (int n = 1; survives(rig, n, later); ++n) {
        }
    };
    std::thread as_late_as_can_be(all_points, true);
    all_points(false);
    as_late_as_can_be.join();
    std::cout << deaths << " deaths, " << unknown << " creates of unknown outcome\n";
    EXPECT_GT(deaths, 20);
    EXPECT_GE(unknown, 1);
    EXPECT_LE(unknown, 6);
}

}  // namespace
}  // namespace genq::test
