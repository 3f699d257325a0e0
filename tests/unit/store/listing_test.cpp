#include <map>

#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using Listing = test::StoreTest;
using test::new_job;

TEST_F(Listing, pages_newest_first_and_stays_stable_under_inserts) {
    std::vector<JobId> made;
    made.reserve(5);
    for (int i = 0; i < 5; ++i) made.push_back(add().id);
    auto page = run(store->list({}, {}, 2)).value();
    ASSERT_EQ(page.jobs.size(), 2U);
    EXPECT_EQ(page.jobs[0].id, made[4]);
    add();
    page = run(store->list({}, page.next, 2)).value();
    EXPECT_EQ(page.jobs[0].id, made[2]);
    page = run(store->list({}, page.next, 2)).value();
    ASSERT_EQ(page.jobs.size(), 1U);
    EXPECT_EQ(page.jobs[0].id, made[0]);
    EXPECT_EQ(page.next, std::nullopt);
}

TEST_F(Listing, filters_by_each_member) {
    auto odd = new_job("bob", 0, "suno/V5");
    odd.family = Family::suno;
    odd.kind = "music";
    odd.labels = {{"project", "spring"}, {"x", "1"}};
    const auto music = add(odd);
    odd.labels = {{"project", "spring"}};
    const auto other = add(odd);
    pass(1);
    const auto job = failed(submitting(), JobErrorCode::submit_unknown);
    const auto ids = [this](JobFilter filter) {
        std::vector<JobId> found;
        for (const auto& one : run(store->list(std::move(filter), {}, 50)).value().jobs) found.push_back(one.id);
        return found;
    };
    const auto filter = [](auto set) {
        JobFilter made;
        set(made);
        return made;
    };
    const std::vector<JobId> both{other.id, music.id};
    const std::vector<JobId> last{job.id};
    EXPECT_EQ(ids(filter([](auto& f) { f.models = {"suno/V5", "none"}; })), both);
    EXPECT_EQ(ids(filter([](auto& f) { f.families = {Family::suno}; })), both);
    EXPECT_EQ(ids(filter([](auto& f) { f.kinds = {"music"}; })), both);
    EXPECT_EQ(ids(filter([](auto& f) { f.callers = {"bob"}; })), both);
    EXPECT_EQ(ids(filter([](auto& f) { f.statuses = {JobStatus::failed}; })), last);
    EXPECT_EQ(ids(filter([](auto& f) { f.statuses = {JobStatus::queued, JobStatus::failed, JobStatus::queued}; })),
              (std::vector{job.id, other.id, music.id}));
    EXPECT_EQ(ids(filter([](auto& f) { f.error_codes = {JobErrorCode::submit_unknown}; })), last);
    EXPECT_EQ(ids(filter([](auto& f) { f.billed = {Billed::unknown}; })), last);
    EXPECT_EQ(ids(filter([](auto& f) { f.labels = {{"project", "spring"}}; })), both);
    EXPECT_EQ(ids(filter([](auto& f) { f.labels = {{"project", "spring"}, {"x", "1"}}; })), std::vector{music.id});
    EXPECT_EQ(ids(filter([](auto& f) { f.labels = {{"project", "autumn"}}; })), std::vector<JobId>{});
    EXPECT_EQ(ids(filter([](auto& f) {
                  f.labels = {{"project", "spring"}};
                  f.statuses = {JobStatus::failed};
              })),
              std::vector<JobId>{});
    EXPECT_EQ(ids(filter([&](auto& f) { f.created_after = music.created_at; })), last);
    EXPECT_EQ(ids(filter([&](auto& f) { f.created_before = job.created_at; })), both);
    EXPECT_EQ(ids(filter([&](auto& f) { f.created_after = in(1'000'000'000); })), std::vector<JobId>{});
}

TEST_F(Listing, counts_jobs_by_status_and_model) {
    EXPECT_EQ(run(store->stats()).value().oldest_ready_at, std::nullopt);
    const auto oldest = add();
    pass(5);
    add(new_job("ann", 0, "other"));
    succeeded();
    const auto stats = run(store->stats()).value();
    std::map<std::pair<std::string, std::string>, std::int64_t> counts;
    for (const auto& row : stats.counts) counts[{std::string(to_string(row.status)), row.model}] = row.jobs;
    const std::map<std::pair<std::string, std::string>, std::int64_t> wanted{
        {{"queued", "google/imagen4"}, 1}, {{"queued", "other"}, 1}, {{"succeeded", "google/imagen4"}, 1}};
    EXPECT_EQ(counts, wanted);
    EXPECT_EQ(stats.oldest_ready_at, oldest.created_at);
    EXPECT_EQ(stats.blob_bytes, 10);
}

TEST_F(Listing, tells_since_when_the_oldest_is_ready_and_not_since_when_it_was_accepted) {
    auto later = new_job();
    later.scheduled_at = in(100);
    add(std::move(later));
    pass(50);
    EXPECT_EQ(run(store->stats()).value().oldest_ready_at, std::nullopt) << "nothing is ready";
    const auto ready = add();
    pass(50);
    ASSERT_EQ(run(store->promote_waiting(10)).value(), 1);
    EXPECT_EQ(run(store->stats()).value().oldest_ready_at, ready.created_at);
    ASSERT_TRUE(run(store->cancel(ready.id)));
    EXPECT_EQ(run(store->stats()).value().oldest_ready_at, clock.wall_now());
}

}  // namespace
}  // namespace genq::store
