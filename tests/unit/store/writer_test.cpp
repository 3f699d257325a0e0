#include "server/store/sqlite/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "common/core/random.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::store::sqlite {
namespace {

using ::testing::ElementsAre;

/// What became of a piece of work.
struct Fate {
    std::optional<Error> error;
    int runs = 0;
    std::promise<void> answered;
};

/// Inserts a number; the table takes those below 100.
class Insert final : public Task<Write> {
  public:
    Insert(int number, Fate& fate) : number_(number), fate_(fate) {}
    /// One that says when it is at work, and then waits for `go`.
    Insert(int number, Fate& fate, std::promise<void>& at_work, std::future<void> go)
        : number_(number), fate_(fate), at_work_(&at_work), go_(std::move(go)) {}

    void run(Write& write) override {
        if (at_work_ != nullptr) {
            at_work_->set_value();
            go_.get();
        }
        ++fate_.runs;
        fate_.error.reset();
        write.db.query("INSERT INTO numbers(number) VALUES(:number)").bind(":number", number_).run();
        write.changed.push_back(number_);
        JobEnd end;
        end.model = std::to_string(number_);
        write.ends.push_back(std::move(end));
    }
    void fail(Error error) override { fate_.error = std::move(error); }
    void answer() override { fate_.answered.set_value(); }

  private:
    int number_;
    Fate& fate_;
    std::promise<void>* at_work_ = nullptr;
    std::future<void> go_;
};

TEST(Writer, commits_the_others_of_a_batch_when_one_of_it_fails) {
    const genq::test::TempFolder folder;
    const sql::OpenOptions where{.path = folder / "test.db"};
    auto db = sql::Connection::open(where).value();
    ASSERT_TRUE(db->script("CREATE TABLE numbers(number INTEGER PRIMARY KEY CHECK (number < 100)) STRICT"));
    genq::test::FakeClock clock;
    SeededRandom random{7};
    UlidSource ulids(clock, random);
    std::atomic<std::uint64_t> commits{0};
    CommitGate gate;
    std::vector<std::vector<std::int64_t>> changes;
    std::vector<std::string> ended;
    Fate first;
    Fate one;
    Fate bad;
    Fate two;
    {
        Writer writer(std::move(db), clock, ulids, commits, gate,
                      {.queue_limit = 10,
                       .threaded = true,
                       .on_change = [&](const std::vector<std::int64_t>& rows) { changes.push_back(rows); },
                       .on_end =
                           [&](const std::vector<JobEnd>& of_commit) {
                               for (const auto& end : of_commit) ended.push_back(end.model);
                           },
                       .on_commit = nullptr,
                       .event_body = nullptr,
                       .own_trace = nullptr});
        // While the first is at work the others gather to one batch.
        std::promise<void> at_work;
        std::promise<void> go;
        writer.push(std::make_unique<Insert>(1, first, at_work, go.get_future()));
        at_work.get_future().get();
        writer.push(std::make_unique<Insert>(2, one));
        writer.push(std::make_unique<Insert>(100, bad));
        writer.push(std::make_unique<Insert>(3, two));
        go.set_value();
        for (Fate* fate : {&first, &one, &bad, &two}) fate->answered.get_future().get();
    }
    EXPECT_FALSE(first.error || one.error || two.error);
    ASSERT_TRUE(bad.error);
    EXPECT_EQ(one.runs, 2) << "once with all, and once more with a savepoint of its own";
    EXPECT_EQ(two.runs, 1) << "nothing is done after the failure until the batch is done again";
    EXPECT_EQ(commits, 2U);
    EXPECT_THAT(changes, ElementsAre(ElementsAre(1), ElementsAre(2, 3)));
    EXPECT_THAT(ended, ElementsAre("1", "2", "3")) << "no job has ended by what was undone";

    auto reader = sql::Connection::open(where).value();
    std::vector<std::int64_t> numbers;
    auto query = reader->query("SELECT number FROM numbers ORDER BY number");
    while (query.step()) numbers.push_back(query.integer(0));
    EXPECT_THAT(numbers, ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace genq::store::sqlite
