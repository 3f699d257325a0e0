#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using MediaFactsOfJobs = test::StoreTest;

TEST_F(MediaFactsOfJobs, are_wanted_of_stored_outputs_the_newest_job_first) {
    EXPECT_TRUE(run(store->unprobed(10)).value().empty());
    add();
    const auto older = succeeded();
    const auto newer = succeeded('b');
    const auto wanted = run(store->unprobed(10)).value();
    ASSERT_EQ(wanted.size(), 2U);
    EXPECT_EQ(wanted[0].job, newer.id);
    EXPECT_EQ(wanted[0].digest, test::digest_of('b'));
    EXPECT_EQ(wanted[0].media_type, get(newer.id).outputs[0].media_type);
    EXPECT_EQ(wanted[1].job, older.id);
    EXPECT_EQ(run(store->unprobed(1)).value().size(), 1U);
}

TEST_F(MediaFactsOfJobs, are_kept_and_raise_the_version_when_anything_is_known) {
    const auto known = succeeded();
    const auto unknown = succeeded('b');
    auto wanted = run(store->unprobed(10)).value();
    const MediaFacts facts{640, 360, 1.5, "h264"};
    ASSERT_TRUE(run(store->record_media(wanted[0], {})));
    ASSERT_TRUE(run(store->record_media(wanted[1], facts)));
    EXPECT_TRUE(run(store->unprobed(10)).value().empty());
    reopen();
    EXPECT_EQ(get(known.id).outputs[0].media, facts);
    EXPECT_EQ(get(unknown.id).outputs[0].media, MediaFacts{});
    EXPECT_EQ(get(known.id).version, known.version + 1);
    EXPECT_EQ(get(unknown.id).version, unknown.version);
    EXPECT_EQ(get(known.id).status, JobStatus::succeeded);
    EXPECT_EQ(history(known.id).size(), history(unknown.id).size()) << "no event of its own";
}

TEST_F(MediaFactsOfJobs, are_of_the_bytes_that_are_listed) {
    const auto job = succeeded();
    auto wanted = run(store->unprobed(1)).value().at(0);
    wanted.digest = test::digest_of('c');
    EXPECT_EQ(run(store->record_media(wanted, {})).error().code, errc::conflict);
    wanted = run(store->unprobed(1)).value().at(0);
    ASSERT_TRUE(run(store->erase(job.id)));
    EXPECT_EQ(run(store->record_media(wanted, {})).error().code, errc::not_found);
    EXPECT_TRUE(run(store->unprobed(1)).value().empty());
}

}  // namespace
}  // namespace genq::store
