#pragma once
#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {

/// A client of a stream: takes what comes as soon as it comes, unless it is told to pause.
class Tail {
  public:
    Tail(boost::asio::io_context& io, std::unique_ptr<http::LiveBody> body);
    ~Tail();
    Tail(const Tail&) = delete;
    Tail& operator=(const Tail&) = delete;

    /// What came since the last call, a line an event: "7 job.queued"; a comment is ":", or ":7" with its id.
    [[nodiscard]] std::vector<std::string> news();
    /// The same as it came.
    [[nodiscard]] std::string text();
    [[nodiscard]] bool ended() const;
    /// Takes one more piece, and then no other until read() is called.
    void pause();
    void read();
    [[nodiscard]] http::LiveBody& body();
    /// How many bytes the longest piece had.
    [[nodiscard]] std::size_t longest() const;

  private:
    struct State;
    boost::asio::io_context& io_;
    std::shared_ptr<State> state_;
};

/// Splits a stream's text as Tail::news() does.
[[nodiscard]] std::vector<std::string> events_in(const std::string& text);

}  // namespace genq::api::test
