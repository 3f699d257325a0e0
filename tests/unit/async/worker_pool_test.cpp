#include "common/async/worker_pool.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <stdexcept>
#include <thread>

namespace genq::async {
namespace {

namespace asio = boost::asio;

asio::awaitable<std::pair<std::thread::id, std::thread::id>> where(WorkerPool& pool) {
    const auto inside = co_await pool.run([] { return std::this_thread::get_id(); });
    co_return std::pair(inside, std::this_thread::get_id());
}

asio::awaitable<int> failing(WorkerPool& pool) {
    co_return co_await pool.run([]() -> int { throw std::runtime_error("broken"); });
}

TEST(WorkerPool, works_on_its_own_thread_and_answers_on_the_callers) {
    asio::io_context io;
    WorkerPool pool(1);
    std::pair<std::thread::id, std::thread::id> ids;
    asio::co_spawn(io, where(pool), [&](std::exception_ptr, auto value) { ids = value; });
    io.run();
    EXPECT_NE(ids.first, std::this_thread::get_id());
    EXPECT_EQ(ids.second, std::this_thread::get_id());
}

TEST(WorkerPool, brings_exceptions_back) {
    asio::io_context io;
    WorkerPool pool(1);
    std::exception_ptr error;
    asio::co_spawn(io, failing(pool), [&](std::exception_ptr e, int) { error = e; });
    io.run();
    EXPECT_TRUE(error);
}

}  // namespace
}  // namespace genq::async
