#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/core/random.hpp"
#include "common/core/rfc3339.hpp"
#include "common/sql/connection.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::store::test {

using genq::test::await;

inline NewJob new_job(std::string caller = "ann", int priority = 0, std::string model = "google/imagen4") {
    NewJob job;
    job.model = std::move(model);
    job.wire_model = job.model;
    job.family = Family::market;
    job.kind = "image";
    job.profile = PollProfile::image;
    job.input = R"({"prompt":"a fox","n":1})";
    job.priority = priority;
    job.caller = std::move(caller);
    return job;
}

inline Digest digest_of(char digit) {
    return *Digest::parse(std::string(64, digit));
}

inline Output source(int index) {
    Output output;
    output.index = index;
    output.source_url = "https://media.example/" + std::to_string(index);
    output.role = "image";
    return output;
}

inline Output stored(int index, char digit, std::uint64_t bytes = 10) {
    Output output;
    output.index = index;
    output.digest = digest_of(digit);
    output.bytes = bytes;
    output.media_type = "image/png";
    output.filename = "image.png";
    return output;
}

inline JobError error_of(JobErrorCode code) {
    JobError error;
    error.code = code;
    error.message = "it failed";
    return error;
}

/// A store in a folder of its own, and short names for the steps of a job's life.
struct StoreTest : testing::Test {
    genq::test::TempFolder folder;
    boost::asio::io_context io;
    genq::test::FakeClock clock;
    SeededRandom random{7};
    std::mutex mutex;
    std::vector<std::int64_t> changed;  // under the mutex
    std::unique_ptr<SqliteJobStore> store = open();

    std::unique_ptr<SqliteJobStore> open() {
        SqliteOptions options;
        options.path = folder / "genqd.db";
        options.synchronous = Synchronous::normal;
        options.on_change = [this](const std::vector<std::int64_t>& rows) {
            const std::lock_guard lock(mutex);
            changed.insert(changed.end(), rows.begin(), rows.end());
        };
        auto opened = SqliteJobStore::open(std::move(options), clock, random);
        EXPECT_TRUE(opened) << opened.error().detail;
        return std::move(*opened);
    }
    /// Runs SQL beside the store.
    void script(const std::string& path, const char* sql) {
        auto db = sql::Connection::open({.path = path});
        ASSERT_TRUE(db);
        ASSERT_TRUE((*db)->script(sql));
    }
    void reopen() {
        store.reset();
        store = open();
    }

    template <class T>
    T run(boost::asio::awaitable<T> task) {
        return await(io, std::move(task));
    }
    WallTime in(int seconds) const { return clock.wall_now() + std::chrono::seconds(seconds); }
    void pass(int seconds) { clock.advance(io, std::chrono::seconds(seconds)); }

    Job add(NewJob job = new_job()) { return run(store->accept(std::move(job), std::nullopt)).value().job; }
    Job get(JobId id) { return run(store->get(id)).value(); }
    Job submitting(NewJob job = new_job()) {
        const auto made = add(std::move(job));
        EXPECT_TRUE(run(store->record_intent({made.id, 1})));
        return get(made.id);
    }
    Job generating(NewJob job = new_job()) {
        const auto made = submitting(std::move(job));
        EXPECT_TRUE(run(store->record_submitted({made.id, 1, "task-1", "", in(3)})));
        return get(made.id);
    }
    Job downloading(int outputs = 2) {
        const auto made = generating();
        Generated generated{made.id, "success", {}, {}, 4.5};
        for (int i = 0; i < outputs; ++i) generated.outputs.push_back(source(i));
        EXPECT_TRUE(run(store->record_generated(generated)));
        return get(made.id);
    }
    Job succeeded(char digit = 'a') {
        const auto made = downloading(1);
        EXPECT_EQ(run(store->record_output(made.id, stored(0, digit))), JobStatus::succeeded);
        return get(made.id);
    }
    Job failed(Job job, JobErrorCode code) {
        EXPECT_TRUE(run(store->record_failure({job.id, error_of(code), "", {}, {}})));
        return get(job.id);
    }
    std::vector<std::string> history(JobId id) {
        std::vector<std::string> names;
        for (const auto& event : run(store->events(id)).value()) names.push_back(event.name);
        return names;
    }
};

}  // namespace genq::store::test
