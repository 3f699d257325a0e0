#include "server/webhooks/places.hpp"

#include "common/core/check.hpp"

namespace genq::webhooks {

namespace {

constexpr int most = 256;
constexpr int most_to_strangers = 192;
constexpr int most_to_silent = 64;
constexpr int most_to_one = 2;
constexpr std::size_t most_remembered = 10'000;

}  // namespace

bool Places::take(const std::string& host) {
    const auto found = hosts_.find(host);
    const Host known = found == hosts_.end() ? Host{} : found->second;
    const bool answers = known.heard == Heard::answer;
    const bool silent = known.heard == Heard::silence;
    // One that is silent is knocked at once in a time: a second try would learn nothing.
    if (taken_ == most || known.under_way >= (silent ? 1 : most_to_one)) return false;
    if (!answers && taken_by_strangers_ == most_to_strangers) return false;
    if (silent && taken_by_silent_ == most_to_silent) return false;
    ++taken_;
    if (!answers) ++taken_by_strangers_;
    if (silent) ++taken_by_silent_;
    ++hosts_[host].under_way;
    return true;
}

void Places::give_back(const std::string& host, bool answered) {
    Host& known = hosts_[host];
    GENQ_CHECK(known.under_way > 0);
    // Its other try, if there is one, changes sides with it.
    const int all = known.under_way;
    taken_ -= 1;
    if (known.heard != Heard::answer) taken_by_strangers_ -= all;
    if (known.heard == Heard::silence) taken_by_silent_ -= all;
    known.heard = answered ? Heard::answer : Heard::silence;
    known.under_way -= 1;
    if (!answered) taken_by_strangers_ += known.under_way;
    if (!answered) taken_by_silent_ += known.under_way;
    forget_some();
}

int Places::free() const {
    return most - taken_;
}

void Places::forget_some() {
    if (hosts_.size() <= most_remembered) return;
    std::erase_if(hosts_, [](const auto& host) { return host.second.under_way == 0; });
}

}  // namespace genq::webhooks
