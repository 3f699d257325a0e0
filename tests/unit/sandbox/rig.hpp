#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "server/sandbox/service.hpp"
#include "tests/support/fake_clock.hpp"

namespace genq::sandbox::test {

using namespace std::chrono_literals;

/// The stand-in's logic with a clock that the test moves: no sockets.
class Rig {
  public:
    explicit Rig(Options options = quick());

    /// No limit, and every task takes ten seconds.
    [[nodiscard]] static Options quick();

    Reply send(std::string method, std::string target, std::string body = "");
    boost::json::object get(std::string target);
    boost::json::object post(std::string target, const boost::json::value& body);
    /// Makes a task and returns its id; fails the test otherwise.
    std::string create(std::string target, std::string_view body);
    void pass(std::chrono::milliseconds time) { clock_.advance(io_, time); }

    [[nodiscard]] Moment now() const { return {clock_.now(), clock_.wall_now()}; }
    [[nodiscard]] Service& service() { return service_; }
    [[nodiscard]] Ledger ledger() const { return ledger_.copy(); }
    [[nodiscard]] http::Request request(std::string method, std::string target, std::string body = "") const;
    /// The path and query of a URL that this rig gave out; fails the test for any other.
    [[nodiscard]] static std::string target_of(std::string_view url);

  private:
    boost::asio::io_context io_;
    genq::test::FakeClock clock_;
    SeededRandom random_{7};
    LedgerBook ledger_;
    Service service_;
};

[[nodiscard]] std::string body_of(const Reply& reply);
[[nodiscard]] int code_of(const boost::json::object& envelope);
/// A JSON text read; throws for a broken one.
[[nodiscard]] boost::json::value read(std::string_view text);

}  // namespace genq::sandbox::test
