#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

struct Usage : test::StoreTest {
    NewJob wanted(std::string caller, std::string model, Labels labels = {}) {
        NewJob job = test::new_job(std::move(caller), 0, std::move(model));
        job.labels = std::move(labels);
        job.admission.unknown_credits = 8'000;
        return job;
    }
    std::vector<std::string> lines(UsageQuery query) {
        std::vector<std::string> result;
        for (const auto& row : run(store->usage(std::move(query))).value()) {
            result.push_back(row.key.value_or("-") + " " + std::string(to_string(row.status)) + " " +
                             std::to_string(row.jobs) + " " + std::to_string(row.told) + " " +
                             std::to_string(row.assumed) + " " + std::to_string(row.reserved));
        }
        return result;
    }
};

using Lines = std::vector<std::string>;

TEST_F(Usage, groups_by_model_by_caller_and_by_label) {
    const auto done = generating(wanted("ann", "a", {{"project", "spring"}, {"team", "x"}}));
    ASSERT_TRUE(run(store->record_generated({done.id, "success", {}, {}, 4.5})));
    generating(wanted("bob", "b", {{"project", "spring"}}));
    add(wanted("bob", "b"));
    const Lines by_model{"a succeeded 1 4500 0 0", "b generating 1 0 8000 0", "b queued 1 0 0 8000"};
    EXPECT_EQ(lines({.by = UsageBy::model}), by_model);
    const Lines by_caller{"ann succeeded 1 4500 0 0", "bob generating 1 0 8000 0", "bob queued 1 0 0 8000"};
    EXPECT_EQ(lines({.by = UsageBy::caller}), by_caller);
    const Lines by_label{"- queued 1 0 0 8000", "spring generating 1 0 8000 0", "spring succeeded 1 4500 0 0"};
    EXPECT_EQ(lines({.by = UsageBy::label, .label = "project"}), by_label);
    EXPECT_EQ(lines({.by = UsageBy::label, .label = "$.project"}).size(), 3U) << "a key is no path";
    EXPECT_EQ(lines({.by = UsageBy::model, .caller = "ann"}), (Lines{"a succeeded 1 4500 0 0"}));
}

TEST_F(Usage, keeps_what_deleted_jobs_have_cost) {
    const auto first = wanted("ann", "a", {{"project", "spring"}});
    for (int i = 0; i < 2; ++i) {
        const auto done = generating(first);
        ASSERT_TRUE(run(store->record_generated({done.id, "success", {}, {}, 4.5})));
        ASSERT_TRUE(run(store->erase(done.id)));
    }
    const auto kept = generating(first);
    ASSERT_TRUE(run(store->record_generated({kept.id, "success", {}, {}, 1.0})));
    reopen();
    EXPECT_EQ(lines({.by = UsageBy::model}), (Lines{"a succeeded 3 10000 0 0"}));
    EXPECT_EQ(lines({.by = UsageBy::label, .label = "project"}), (Lines{"spring succeeded 3 10000 0 0"}));
    EXPECT_EQ(lines({.by = UsageBy::caller, .caller = "bob"}), Lines{});
    const auto now = clock.wall_now();
    EXPECT_EQ(lines({.by = UsageBy::caller, .from = now - std::chrono::hours(1), .to = now + std::chrono::hours(1)}),
              (Lines{"ann succeeded 3 10000 0 0"}));
    EXPECT_EQ(lines({.by = UsageBy::caller, .from = now + std::chrono::hours(1)}), Lines{});
    pass(401 * 86'400);
    const auto late = add(wanted("ann", "b"));
    ASSERT_TRUE(run(store->cancel(late.id)));
    ASSERT_TRUE(run(store->erase(late.id)));
    EXPECT_EQ(lines({.by = UsageBy::model}), (Lines{"a succeeded 1 1000 0 0", "b canceled 1 0 0 0"})) << "400 days";
}

TEST_F(Usage, takes_jobs_accepted_from_one_time_to_before_another) {
    add(wanted("ann", "a"));
    pass(60);
    const auto from = clock.wall_now();
    add(wanted("ann", "b"));
    pass(60);
    const auto to = clock.wall_now();
    add(wanted("ann", "c"));
    EXPECT_EQ(lines({.by = UsageBy::model, .from = from, .to = to}), (Lines{"b queued 1 0 0 8000"}));
    EXPECT_EQ(lines({.by = UsageBy::model, .from = to}), (Lines{"c queued 1 0 0 8000"}));
    EXPECT_EQ(lines({.by = UsageBy::model, .from = from, .to = from}), Lines{});
}

}  // namespace
}  // namespace genq::store
