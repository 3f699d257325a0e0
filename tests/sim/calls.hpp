#pragma once
#include <functional>
#include <string>

#include "server/engine/callback_plan.hpp"
#include "tests/sim/agenda.hpp"
#include "tests/sim/dice.hpp"
#include "tests/sim/kie.hpp"

namespace genq::sim {

/// Where creates ask to be called; what comes after it tells job and token.
inline constexpr std::string_view callback_host = "https://genqd.example";

/// kie.ai's calls to the callBackUrls of its tasks, signed with the account's key, and those of strangers who would be
/// taken for it: late, doubled, lost, blocked on the way, forged, replayed.
class Calls {
  public:
    /// Hands a call to the daemon. `taken` hears what became of it; nullopt: there was nobody, or he could not.
    using Verdict = std::optional<engine::CallbackVerdict>;
    using Deliver = std::function<void(engine::CallbackCall, std::function<void(Verdict)> taken)>;

    Calls(test::FakeClock& clock, Agenda& agenda, Dice& dice, Weather& weather, Ledger& ledger, Kie& kie,
          Deliver deliver)
        : clock_(clock),
          agenda_(agenda),
          dice_(dice),
          weather_(weather),
          ledger_(ledger),
          kie_(kie),
          deliver_(std::move(deliver)) {}

    static constexpr std::string_view key = "account-key";

    /// A task was made: puts down when its URL is called. Nothing if it names none.
    void task_made(const std::string& id, bool daemon_knows_key);

  private:
    void call(const std::string& id, Kie::Stage stage, int tries_left);
    void forge(const std::string& id, bool daemon_knows_key);
    [[nodiscard]] engine::CallbackCall call_of(const std::string& id, std::string body, std::chrono::seconds age) const;

    test::FakeClock& clock_;
    Agenda& agenda_;
    Dice& dice_;
    Weather& weather_;
    Ledger& ledger_;
    Kie& kie_;
    Deliver deliver_;
};

}  // namespace genq::sim
