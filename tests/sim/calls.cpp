#include "tests/sim/calls.hpp"

#include "common/core/rfc3339.hpp"
#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"

namespace genq::sim {

using namespace std::chrono_literals;
using engine::CallbackVerdict;

namespace {

constexpr int most_tries = 4;
constexpr auto between_tries = 60s;

}  // namespace

void Calls::task_made(const std::string& id, bool daemon_knows_key) {
    const Kie::Task& task = kie_.task(id);
    if (!task.callback_url.starts_with(callback_host) || task.vanished || task.done == SteadyTime::max()) return;
    if (!weather_.calm() && dice_.chance(0.2)) {
        const auto span = std::chrono::duration_cast<std::chrono::milliseconds>(task.done - task.made);
        agenda_.at(task.made + dice_.between(0ms, span), [this, id, daemon_knows_key] { forge(id, daemon_knows_key); });
    }
    if (task.family == "suno" && !task.fails) {
        const auto third = (task.done - task.made) / 3;
        agenda_.at(task.made + third, [this, id] { call(id, Kie::Stage::text, 1); });
        agenda_.at(task.made + 2 * third, [this, id] { call(id, Kie::Stage::first, 1); });
    }
    SteadyTime when = task.done + dice_.between(20ms, 3s);
    if (!weather_.calm()) {
        if (dice_.chance(0.12)) return ledger_.fault("callback lost");
        if (dice_.chance(0.1)) when += dice_.heavy(20s, 3h), ledger_.fault("callback late");
        if (dice_.chance(0.1)) {
            ledger_.fault("callback doubled");
            agenda_.at(when + dice_.heavy(1ms, 20min), [this, id] { call(id, Kie::Stage::end, 1); });
        }
    }
    agenda_.at(when, [this, id] { call(id, Kie::Stage::end, most_tries); });
}

void Calls::call(const std::string& id, Kie::Stage stage, int tries_left) {
    const auto again = [this, id, stage, tries_left] {
        if (tries_left > 1) agenda_.in(between_tries, [=, this] { call(id, stage, tries_left - 1); });
    };
    if (weather_.on(Spell::calls_blocked)) return again();
    ++ledger_.calls;
    deliver_(call_of(id, kie_.callback_body(id, stage), 0s), [this, id, again](Verdict verdict) {
        if (!verdict) return again();
        require(*verdict == CallbackVerdict::taken, "kie_ais_calls_are_taken",
                "the call of {}, for order {}: verdict {}", id, kie_.task(id).order, static_cast<int>(*verdict));
    });
}

engine::CallbackCall Calls::call_of(const std::string& id, std::string body, std::chrono::seconds age) const {
    const std::string& url = kie_.task(id).callback_url;
    engine::CallbackCall call;
    const auto token = url.rfind('/') + 1;
    const auto job = url.rfind('/', token - 2) + 1;
    call.token = url.substr(token);
    call.job = JobId::parse(url.substr(job, token - 1 - job)).value();
    call.timestamp = std::to_string(to_ms(clock_.wall_now() - age) / 1000);
    call.signature = crypto::to_base64(crypto::hmac_sha256(key, id + "." + call.timestamp));
    call.body = std::move(body);
    return call;
}

void Calls::forge(const std::string& id, bool daemon_knows_key) {
    engine::CallbackCall lie = call_of(id, kie_.forged_body(id, dice_.chance(0.7)), 0s);
    CallbackVerdict due = CallbackVerdict::taken;  // as a hint
    int times = 1;
    switch (dice_.below(4)) {
        case 0:
            lie.token.back() = lie.token.back() == '0' ? '1' : '0';
            due = CallbackVerdict::unknown;
            ledger_.fault("callback with a wrong token");
            break;
        case 1:
            lie.signature = crypto::to_base64(crypto::hmac_sha256("no such key", id + "." + lie.timestamp));
            if (daemon_knows_key) due = CallbackVerdict::forged;
            ledger_.fault("callback with a wrong signature");
            break;
        case 2:
            lie.signature.clear();
            times = 1 + dice_.below(20);
            ledger_.fault("callback without a signature");
            break;
        default: {
            const auto body = lie.body;
            lie = call_of(id, body, 10min);
            ledger_.fault("callback replayed");
        }
    }
    for (int i = 0; i < times; ++i) {
        deliver_(lie, [due](Verdict verdict) {
            if (!verdict) return;
            require(*verdict == due, "a_forged_call_is_told_apart", "verdict {}, due was {}",
                    static_cast<int>(*verdict), static_cast<int>(due));
        });
    }
}

}  // namespace genq::sim
