#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <condition_variable>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "tests/e2e/kill_rig.hpp"

namespace genq::test {
namespace {

using namespace std::chrono_literals;

constexpr int kills = 50;
constexpr int jobs_per_life = 4;
constexpr int jobs = kills * jobs_per_life;

/// How many jobs may be submitted so far.
class Gate {
  public:
    void open_to(int count) {
        const std::lock_guard lock(mutex_);
        open_ = count;
        changed_.notify_all();
    }
    [[nodiscard]] bool wait_for(int job) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 120s, [&] { return open_ > job; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int open_ = 0;
};

std::string prompt_of(int job) {
    return "lake-" + std::to_string(job);
}

std::uint64_t choose_seed() {
    const auto given = GTEST_FLAG_GET(random_seed);
    SystemRandom random;
    return given != 0 ? static_cast<std::uint64_t>(given) : 1 + random.below(99'999);
}

/// How many tasks were made of each prompt.
std::map<std::string, int> tasks_made(const boost::json::value& ledger) {
    std::map<std::string, int> made;
    for (const auto& create : ledger.at("creates").as_array()) {
        ++made[std::string(create.at("body").at("input").at("prompt").as_string())];
    }
    return made;
}

TEST(Kill, fifty_times_loses_no_job_and_pays_for_none_twice) {
    const auto seed = choose_seed();
    std::cout << "seed " << seed << " (--gtest_random_seed=" << seed << ")\n";
    RecordProperty("seed", std::to_string(seed));
    SeededRandom random(seed);
    KillRig rig;
    Gate gate;
    std::vector<std::string> ids;
    std::thread submitter([&] {
        for (int i = 0; i < jobs && gate.wait_for(i); ++i) {
            auto id = rig.submit(prompt_of(i));
            if (!id) return;
            ids.push_back(std::move(*id));
        }
    });
    bool well = true;
    for (int i = 1; i <= kills && well; ++i) {
        gate.open_to(i * jobs_per_life);
        well = rig.start_and_kill(random);
    }
    well = rig.start_for_good() && well;
    submitter.join();
    ASSERT_TRUE(well);
    ASSERT_EQ(ids.size(), static_cast<std::size_t>(jobs));
    EXPECT_EQ((std::set<std::string>(ids.begin(), ids.end()).size()), ids.size());

    int lost_answers = 0;
    std::set<std::string> succeeded;
    for (int i = 0; i < jobs; ++i) {
        const auto job = rig.end_of(ids[static_cast<std::size_t>(i)]);
        ASSERT_FALSE(job.empty());
        EXPECT_EQ(job.at("input").at("prompt").as_string(), prompt_of(i));
        if (job.at("status") == "succeeded") {
            succeeded.insert(prompt_of(i));
            rig.check_outputs(job);
        } else {
            ASSERT_EQ(job.at("status"), "failed");
            EXPECT_EQ(job.at("error").at("code"), "submit_unknown") << boost::json::serialize(job);
            EXPECT_EQ(job.at("billed"), "unknown");
            ++lost_answers;
        }
    }
    EXPECT_FALSE(succeeded.empty());
    // Nothing was accepted twice: the keys held over all lives.
    int listed = 0;
    for (const auto& row : rig.ask_daemon("/v1/queue").at("depth").as_object()) {
        if (row.value().is_number()) listed += row.value().to_number<int>();
    }
    EXPECT_EQ(listed, jobs);

    const auto ledger = rig.ask_sandbox("/_sandbox/ledger");
    const auto made = tasks_made(ledger);
    for (const auto& [prompt, times] : made) EXPECT_EQ(times, 1) << prompt << " was made, and paid for, twice";
    for (const auto& prompt : succeeded) EXPECT_TRUE(made.contains(prompt)) << prompt;
    // A new life can't know what the last one sent, and keeps the limit all the same.
    EXPECT_LE(ledger.at("maxInWindow").to_number<int>(), KillRig::requests_per_second);
    std::cout << succeeded.size() << " succeeded, " << lost_answers << " submit_unknown, " << made.size()
              << " tasks made\n";
    EXPECT_TRUE(rig.stop());
}

}  // namespace
}  // namespace genq::test
