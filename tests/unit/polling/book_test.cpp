#include "server/polling/book.hpp"

#include <gtest/gtest.h>

namespace genq::polling {
namespace {

TEST(Book, learns_from_what_was_stored_and_from_what_is_seen) {
    Book first;
    first.prepare("m", {5, 10, 300});
    for (int i = 0; i < 20; ++i) first.observe("m", 38, 40);
    Book second;
    second.load("m", first.durations("m"));
    second.prepare("m", {5, 10, 300});
    EXPECT_NEAR(second.law("m").quantile(0.5), first.law("m").quantile(0.5), 1e-9);
}

TEST(Book, counts_running_tasks_until_they_are_taken_back) {
    Book book;
    book.prepare("m", {5, 10, 300});
    const double before = book.law("m").survival(20);
    book.added("m", 60);
    EXPECT_GT(book.law("m").survival(20), before);
    book.removed("m", 60);
    EXPECT_EQ(book.law("m").survival(20), before);
}

TEST(Book, publishes_its_laws_anew_when_a_task_ended) {
    Book book;
    book.prepare("m", {5, 10, 300});
    const auto before = book.laws();
    book.added("m", 0);
    EXPECT_EQ(book.laws(), before) << "a task that runs changes nothing that is shown";
    book.removed("m", 0);
    book.observe("m", 6, 7);
    EXPECT_EQ(before->at("m")->seen, 0);
    EXPECT_EQ(book.laws()->at("m")->seen, 1);
}

TEST(Book, forgets_the_model_that_was_used_least_when_there_are_many) {
    Book book;
    for (std::size_t i = 0; i < Book::most_models; ++i) book.prepare("model " + std::to_string(i), {});
    book.added("model 0", 0);
    book.prepare("one more", {});
    const auto laws = book.laws();
    EXPECT_EQ(laws->size(), Book::most_models);
    EXPECT_TRUE(laws->contains("model 0")) << "a task of it runs";
    EXPECT_FALSE(laws->contains("model 1"));
    EXPECT_TRUE(laws->contains("one more"));
}

}  // namespace
}  // namespace genq::polling
