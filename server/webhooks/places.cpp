#include "server/webhooks/places.hpp"

#include "common/core/check.hpp"

namespace genq::webhooks {

using store::Room;

namespace {

constexpr int most_to_strangers = 192;
constexpr int most_to_silent = 64;
constexpr int most_to_receiver = 2;
constexpr int most_to_silent_receiver = 1;  // a second try would learn nothing
constexpr int most_to_host = 8;
constexpr int most_to_new_host = 4;
constexpr int most_to_silent_host = 2;
constexpr int silences_of_a_dead_host = 8;  // one of its receivers may hang and the others answer
constexpr std::size_t most_remembered = 10'000;

std::string host_of(const std::string& receiver) {
    return receiver.substr(0, receiver.find('/'));
}

template <class Map>
void forget_idle(Map& known) {
    if (known.size() <= most_remembered) return;
    std::erase_if(known, [](const auto& one) { return one.second.under_way == 0; });
}

}  // namespace

Room Places::take(const std::string& receiver) {
    const auto name = host_of(receiver);
    const auto found_host = hosts_.find(name);
    const Host host = found_host == hosts_.end() ? Host{} : found_host->second;
    const bool answers = host.heard == Heard::answers;
    const int room = answers ? most_to_host : host.heard == Heard::silence ? most_to_silent_host : most_to_new_host;
    if (taken_ == most || host.under_way >= room) return Room::none_for_its_host;
    if (!answers && taken_by_strangers_ == most_to_strangers) return Room::none_for_its_host;
    if (host.heard == Heard::silence && taken_by_silent_ == most_to_silent) return Room::none_for_its_host;
    const auto found = receivers_.find(receiver);
    const Receiver known = found == receivers_.end() ? Receiver{} : found->second;
    if (known.under_way >= (known.silent ? most_to_silent_receiver : most_to_receiver)) return Room::none_for_it;
    ++taken_;
    count(host, 1);
    ++hosts_[name].under_way;
    ++receivers_[receiver].under_way;
    return Room::taken;
}

void Places::give_back(const std::string& receiver, bool answered) {
    Host& host = hosts_[host_of(receiver)];
    Receiver& known = receivers_[receiver];
    GENQ_CHECK(host.under_way > 0 && known.under_way > 0);
    --taken_;
    // Its other tries, if there are any, change sides with it.
    count(host, -host.under_way);
    --host.under_way;
    host.silences = answered ? 0 : host.silences + 1;
    if (answered) {
        host.heard = Heard::answers;
    } else if (host.heard != Heard::answers || host.silences >= silences_of_a_dead_host) {
        host.heard = Heard::silence;
    }
    count(host, host.under_way);
    known.silent = !answered;
    if (--known.under_way == 0 && answered) receivers_.erase(receiver);
    forget_some();
}

void Places::count(const Host& host, int change) {
    if (host.heard != Heard::answers) taken_by_strangers_ += change;
    if (host.heard == Heard::silence) taken_by_silent_ += change;
}

void Places::forget_some() {
    forget_idle(hosts_);
    forget_idle(receivers_);
}

}  // namespace genq::webhooks
