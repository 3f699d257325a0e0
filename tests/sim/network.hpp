#pragma once
#include <map>
#include <memory>
#include <vector>

#include "tests/sim/agenda.hpp"
#include "tests/sim/kie.hpp"

namespace genq::sim {

/// The daemon's network, on virtual time: delays before and after the arrival, and all that can go wrong between. A
/// request that left arrives whatever becomes of the daemon, but never later than `straggler` after it was given up or
/// its process died: that is the condition under which the limit is claimed to hold.
class Network final : public http::Transport {
  public:
    Network(test::FakeClock& clock, Agenda& agenda, Dice& dice, Weather& weather, Ledger& ledger, Kie& kie)
        : clock_(clock), agenda_(agenda), dice_(dice), weather_(weather), ledger_(ledger), kie_(kie) {}

    [[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<http::Connection>>> connect(
        std::string url, SteadyTime deadline) override;
    [[nodiscard]] boost::asio::awaitable<Result<http::Download>> download(http::DownloadRequest request,
                                                                          http::Sink& sink) override;
    /// The daemon is gone, killed or stopped: what it sent and nobody has seen yet still may arrive for a while.
    void process_ended();

  private:
    friend class SimConnection;
    /// What becomes of one request.
    enum class Fate {
        fine,
        nothing_written,
        partly_written,
        request_lost,   // left whole, never arrives
        answer_lost,    // arrives; the connection is reset before the answer
        answer_late,    // arrives; the answer comes after the deadline
        empty_answer,   // arrives; HTTP 200 without a body
        broken_answer,  // arrives; half of the body
        gateway_page,   // arrives; a proxy answers 504 with a page
        origin_down,    // 521, 523, 525, 526: kie.ai never sees it
        bare_403,
        bare_429,
    };
    [[nodiscard]] Fate draw();
    [[nodiscard]] std::chrono::milliseconds delay();
    [[nodiscard]] boost::asio::awaitable<http::Exchange> exchange(http::ClientRequest request, SteadyTime deadline,
                                                                  SteadyTime opened);
    [[nodiscard]] http::ClientResponse answer(Fate fate, const http::ClientRequest& request);

    test::FakeClock& clock_;
    Agenda& agenda_;
    Dice& dice_;
    Weather& weather_;
    Ledger& ledger_;
    Kie& kie_;
    // The end of the process that sent a request, once it has one.
    std::shared_ptr<SteadyTime> process_end_ = std::make_shared<SteadyTime>(SteadyTime::max());
    std::map<int, int> open_creates_;  // orders whose create is between its sending and its answer
};

}  // namespace genq::sim
