#include "common/sql/migrator.hpp"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/temp_folder.hpp"

namespace genq::sql {
namespace {

constexpr std::array first{Migration{1, "one", "aa", "CREATE TABLE a(x) STRICT"}};
constexpr std::array wrong{Migration{1, "one", "aa", "CREATE TABLE a(x INTEGER) STRICT; CREATE TABLE a(y INTEGER)"}};
constexpr std::array one{Migration{1, "one", "aa", "CREATE TABLE a(x INTEGER) STRICT"}};
constexpr std::array one_edited{Migration{1, "one", "bb", "CREATE TABLE a(x TEXT) STRICT"}};
constexpr std::array two{Migration{1, "one", "aa", "CREATE TABLE a(x INTEGER) STRICT"},
                         Migration{2, "two", "cc", "CREATE TABLE b(x INTEGER) STRICT; INSERT INTO b VALUES(7)"}};
constexpr WallTime now{std::chrono::milliseconds(1'000)};

struct MigratorTest : testing::Test {
    test::TempFolder folder;
    std::unique_ptr<Connection> db = std::move(*Connection::open({.path = folder / "a.db"}));
};
using Migrator = MigratorTest;

TEST_F(Migrator, applies_what_is_missing_once) {
    EXPECT_EQ(schema_version(*db), 0);
    ASSERT_TRUE(migrate(*db, one, now));
    EXPECT_EQ(schema_version(*db), 1);
    ASSERT_TRUE(migrate(*db, two, now));
    ASSERT_TRUE(migrate(*db, two, now));
    EXPECT_EQ(schema_version(*db), 2);
    constexpr char count[] = "SELECT count(*) FROM b";
    auto query = db->query(count);
    ASSERT_TRUE(query.step());
    EXPECT_EQ(query.integer(0), 1);
}

TEST_F(Migrator, refuses_a_database_that_is_newer_than_the_program) {
    ASSERT_TRUE(migrate(*db, two, now));
    const auto done = migrate(*db, one, now);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, errc::unsupported);
    EXPECT_EQ(done.error().detail,
              "this database is newer than this program (schema 2, program knows 1): install the newer genqd, or "
              "restore a backup");
    EXPECT_FALSE(db->in_transaction());
}

TEST_F(Migrator, refuses_a_migration_that_was_changed) {
    ASSERT_TRUE(migrate(*db, one, now));
    const auto done = migrate(*db, one_edited, now);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, errc::corrupt);
}

TEST_F(Migrator, leaves_nothing_behind_when_one_fails) {
    EXPECT_FALSE(migrate(*db, first, now)) << "STRICT wants a type";
    EXPECT_FALSE(migrate(*db, wrong, now)) << "the second table is there already";
    EXPECT_EQ(schema_version(*db), 0);
    EXPECT_TRUE(migrate(*db, one, now));
}

}  // namespace
}  // namespace genq::sql
