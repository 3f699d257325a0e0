#pragma once
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "common/core/clock.hpp"
#include "common/http/server.hpp"

namespace genq::http::test {

using namespace std::chrono_literals;

/// An io_context that runs on a thread of its own until the end of the test.
class LiveContext {
  public:
    LiveContext() : thread_([this] { io_.run(); }) {}
    ~LiveContext();
    LiveContext(const LiveContext&) = delete;
    LiveContext& operator=(const LiveContext&) = delete;

    [[nodiscard]] boost::asio::io_context& io() { return io_; }
    /// Runs the coroutine there and waits for its value.
    template <class T>
    T run(boost::asio::awaitable<T> task) {
        return boost::asio::co_spawn(io_, std::move(task), boost::asio::use_future).get();
    }

  private:
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    std::thread thread_;
};

/// A server on a free loopback port, stopped at the end of the test.
class LiveServer {
  public:
    explicit LiveServer(Handler handler, ServerOptions options = {}, Gate gate = nullptr, Streams streams = nullptr);
    ~LiveServer();
    LiveServer(const LiveServer&) = delete;
    LiveServer& operator=(const LiveServer&) = delete;

    [[nodiscard]] Server& server() { return server_; }
    [[nodiscard]] LiveContext& context() { return context_; }
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::string url(const std::string& target, const std::string& scheme = "http") const;
    /// Runs Server::stop() and returns when it has ended.
    void stop(std::chrono::milliseconds grace = 0ms);

  private:
    LiveContext context_;
    Server server_;
    bool stopped_ = false;
};

/// A plain client socket with blocking calls, for what no real client would send.
class RawClient {
  public:
    explicit RawClient(std::uint16_t port);
    explicit RawClient(const std::string& unix_path);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void send(std::string_view bytes) const;
    /// Tells the server that no more bytes come.
    void finish() const;
    /// Reads until `text` has come (and returns all up to there), or until the end.
    std::string read_until(std::string_view text);
    std::string read_all();
    /// Exactly that many bytes, fewer at the end.
    std::string read_exactly(std::size_t bytes);

  private:
    bool more();
    int fd_ = -1;
    std::string buffer_;
};

/// A GET as it goes over the wire; `more` are header lines, each with its end.
[[nodiscard]] inline std::string get(std::string_view target, std::string_view more = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

/// Answers 200 with what came: "METHOD target body".
[[nodiscard]] boost::asio::awaitable<Response> echo(Request request);
[[nodiscard]] Response plain_refusal(int status, std::string_view detail, std::string_view target);

}  // namespace genq::http::test
