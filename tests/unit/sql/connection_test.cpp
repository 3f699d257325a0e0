#include "common/sql/connection.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/support/temp_folder.hpp"

namespace genq::sql {
namespace {

constexpr char make[] = "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL) STRICT";
constexpr char insert[] = "INSERT INTO t(a, b, c) VALUES(:a, :b, :c)";
constexpr char select[] = "SELECT a, b, c FROM t ORDER BY a";

struct ConnectionTest : testing::Test {
    test::TempFolder folder;
    std::unique_ptr<Connection> db = std::move(*Connection::open({.path = folder / "a.db"}));
    void SetUp() override { db->run(make); }
};

using Connection_ = ConnectionTest;

TEST_F(Connection_, gives_back_what_was_bound_by_name) {
    std::optional<double> nothing;
    db->query(insert).bind(":a", 1).bind(":b", "x").bind(":c", 0.5).run();
    db->query(insert).bind(":a", 2).bind(":b", std::string(100, 'y')).bind(":c", nothing).run();
    db->query(insert).bind(":a", 3).bind(":b", std::string_view()).bind(":c", std::nullopt).run();
    auto query = db->query(select);
    ASSERT_TRUE(query.step());
    EXPECT_EQ(query.integer(0), 1);
    EXPECT_EQ(query.text(1), "x");
    EXPECT_EQ(query.real(2), 0.5);
    ASSERT_TRUE(query.step());
    EXPECT_EQ(query.text(1), std::string(100, 'y'));
    EXPECT_TRUE(query.is_null(2));
    EXPECT_EQ(query.maybe_real(2), std::nullopt);
    ASSERT_TRUE(query.step());
    EXPECT_EQ(query.text(1), "") << "an empty view is an empty text, not NULL";
    EXPECT_FALSE(query.step());
    EXPECT_FALSE(db->failed());
}

TEST_F(Connection_, keeps_the_first_error_until_it_is_taken) {
    db->query(insert).bind(":a", 1).bind(":b", "x").bind(":c", 1.0).run();
    db->query(insert).bind(":a", 1).bind(":b", "y").bind(":c", 1.0).run();
    EXPECT_TRUE(db->failed());
    EXPECT_FALSE(db->query(select).step()) << "nothing runs after an error";
    const auto error = db->take_error();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, errc::corrupt);
    EXPECT_FALSE(db->failed());
    EXPECT_TRUE(db->query(select).step());
}

/// Interrupts its connection in the middle of a prepare: SQLite asks for leave to select before it makes the table
/// of a pragma.
struct Interrupter {
    static inline Connection* connection = nullptr;
    static int ask(void*, int action, const char*, const char*, const char*, const char*) {
        if (action == SQLITE_SELECT && connection != nullptr) connection->interrupt();
        return SQLITE_OK;
    }
    static int install(sqlite3* db, char**, const sqlite3_api_routines*) {
        return sqlite3_set_authorizer(db, &ask, nullptr);
    }
    Interrupter() { sqlite3_auto_extension(entry()); }
    ~Interrupter() {
        connection = nullptr;
        sqlite3_cancel_auto_extension(entry());
    }
    static void (*entry())() { return reinterpret_cast<void (*)()>(&install); }
};

TEST_F(Connection_, is_canceled_while_it_prepares_too) {
    constexpr char check[] = "SELECT quick_check FROM pragma_quick_check(:table)";
    const Interrupter interrupter;
    auto other = std::move(*Connection::open({.path = folder / "a.db"}));
    other->query(insert).bind(":a", 1).bind(":b", "x").bind(":c", 1.0).run();
    {
        auto running = other->query(select);  // else a prepare forgets the interruption
        ASSERT_TRUE(running.step());
        Interrupter::connection = other.get();
        EXPECT_FALSE(other->query(check).bind(":table", "t").step());
        Interrupter::connection = nullptr;
        const auto error = other->take_error();
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, errc::canceled) << error->detail;
    }
    EXPECT_TRUE(other->query(check).bind(":table", "t").step());
}

TEST_F(Connection_, undoes_a_savepoint_that_was_not_kept) {
    db->run("BEGIN IMMEDIATE");
    {
        Savepoint kept(*db);
        db->query(insert).bind(":a", 1).bind(":b", "x").bind(":c", 1.0).run();
        kept.keep();
    }
    {
        const Savepoint dropped(*db);
        db->query(insert).bind(":a", 2).bind(":b", "x").bind(":c", 1.0).run();
    }
    db->run("COMMIT");
    auto query = db->query(select);
    ASSERT_TRUE(query.step());
    EXPECT_EQ(query.integer(0), 1);
    EXPECT_FALSE(query.step());
}

TEST_F(Connection_, is_set_up_strictly) {
    EXPECT_FALSE(db->script("SELECT \"misspelt\" FROM t")) << "a double-quoted word is no string";
    EXPECT_FALSE(db->script("INSERT INTO t(a, b) VALUES(1, 2); INSERT INTO t(a, c) VALUES(2, 'x')"));
    constexpr char journal[] = "PRAGMA journal_mode";
    constexpr char foreign[] = "PRAGMA foreign_keys";
    constexpr char synchronous[] = "PRAGMA synchronous";
    auto mode = db->query(journal);
    ASSERT_TRUE(mode.step());
    EXPECT_EQ(mode.text(0), "wal");
    auto keys = db->query(foreign);
    ASSERT_TRUE(keys.step());
    EXPECT_EQ(keys.integer(0), 1);
    auto sync = db->query(synchronous);
    ASSERT_TRUE(sync.step());
    EXPECT_EQ(sync.integer(0), 2) << "full";
}

TEST_F(Connection_, writes_nothing_when_it_may_only_read) {
    auto reader = Connection::open({.path = folder / "a.db", .access = Access::read_only});
    ASSERT_TRUE(reader);
    (*reader)->query(insert).bind(":a", 1).bind(":b", "x").bind(":c", 1.0).run();
    const auto error = (*reader)->take_error();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, errc::forbidden);
}

TEST_F(Connection_, tells_how_the_log_grows_and_moves_it) {
    int pages = 0;
    db->on_wal_grown([&](int now) { pages = now; });
    db->query(insert).bind(":a", 1).bind(":b", "x").bind(":c", 1.0).run();
    EXPECT_GT(pages, 0);
    const auto done = db->checkpoint();
    ASSERT_TRUE(done);
    EXPECT_EQ(done->log_pages, done->moved_pages);
}

TEST(OpenConnection, says_that_a_file_is_no_database) {
    const test::TempFolder folder;
    {
        auto* file = std::fopen((folder / "text").c_str(), "w");
        std::fputs(std::string(4096, 'x').c_str(), file);
        std::fclose(file);
    }
    const auto db = Connection::open({.path = folder / "text"});
    ASSERT_FALSE(db);
    EXPECT_EQ(db.error().code, errc::corrupt);
    EXPECT_FALSE(Connection::open({.path = folder / "missing/a.db"}));
}

}  // namespace
}  // namespace genq::sql
