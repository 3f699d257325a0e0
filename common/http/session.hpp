#pragma once
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/http/request_reader.hpp"
#include "common/http/server_state.hpp"
#include "common/http/stream.hpp"

namespace genq::http {

/// One connection: reads requests, has them answered, one after the other. Lives on its strand; check_deadline(),
/// drain() and cancel() may be called from any thread.
class Session : public std::enable_shared_from_this<Session>, private BodyReader {
  public:
    /// `overloaded`: the connection is one too many, and is told so (503).
    Session(ServerState& state, boost::asio::any_io_executor strand, Socket socket, std::string peer, bool overloaded);

    /// Ends when the connection does. Throws for cancellation only.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// Ends what waits for the peer if its time is over at `now`.
    void check_deadline(SteadyTime now);
    /// Closes the connection once it is idle; a body from a source is ended.
    void drain();
    /// Ends run() as soon as it can.
    void cancel();

    [[nodiscard]] const boost::asio::any_io_executor& strand() const { return strand_; }
    [[nodiscard]] boost::asio::cancellation_slot slot() { return cancellation_.slot(); }

  private:
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> next() override;
    [[nodiscard]] boost::asio::awaitable<bool> await_request();
    [[nodiscard]] boost::asio::awaitable<bool> read_request();
    [[nodiscard]] boost::asio::awaitable<bool> answer();
    [[nodiscard]] boost::asio::awaitable<bool> send(Response response, bool is_head);
    [[nodiscard]] boost::asio::awaitable<bool> send_file(FileBody body);
    [[nodiscard]] boost::asio::awaitable<bool> send_live();
    [[nodiscard]] boost::asio::awaitable<bool> send_piece(std::string piece);
    void end_live();
    void hold_little();
    [[nodiscard]] boost::asio::awaitable<void> refuse(int status, std::string detail);
    [[nodiscard]] boost::asio::awaitable<void> end_with(Response response);
    [[nodiscard]] std::optional<Response> turned_away();
    [[nodiscard]] boost::asio::awaitable<void> say_goodbye();
    [[nodiscard]] boost::asio::awaitable<IoResult> fill();

    void set_deadline(std::chrono::milliseconds from_now);
    void no_deadline();
    [[nodiscard]] std::string_view date();
    [[nodiscard]] std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }

    ServerState& state_;
    boost::asio::any_io_executor strand_;
    std::unique_ptr<Stream> stream_;
    std::string peer_;
    bool overloaded_;
    RequestReader reader_;
    std::vector<char> buffer_;  // what was read and not yet parsed is [begin_, end_)
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::string head_;                // of the answer, kept for its capacity
    std::unique_ptr<LiveBody> live_;  // of the answer whose head has been sent
    bool peer_gone_ = false;          // seen while a live body was sent
    bool chunked_ = false;            // how its body goes out
    bool ends_ = false;               // the connection, with the answer
    std::string date_;
    std::int64_t date_second_ = -1;
    std::atomic<SteadyTime::rep> deadline_;
    bool timed_out_ = false;
    bool idle_ = false;
    boost::asio::cancellation_signal cancellation_;
};

}  // namespace genq::http
