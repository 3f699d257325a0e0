#include "server/engine/breaker.hpp"

#include <algorithm>

namespace genq::engine {

namespace {
constexpr int failures_in_a_row = 3;
constexpr std::size_t failures_in_a_minute = 5;
constexpr int good_ones_to_close = 2;
constexpr std::chrono::milliseconds first_probe_pause{5'000};
constexpr std::chrono::milliseconds longest_probe_pause{60'000};
}  // namespace

bool Breaker::failed(SteadyTime now) {
    if (state_ != State::closed) {
        state_ = State::open;
        good_ = 0;
        pause_ = std::min(pause_ * 2, longest_probe_pause);
        probe_at_ = now + pause_;
        return false;
    }
    ++in_a_row_;
    recent_.push_back(now);
    while (now - recent_.front() > std::chrono::seconds(60)) recent_.pop_front();
    if (in_a_row_ < failures_in_a_row && recent_.size() < failures_in_a_minute) return false;
    trip(now);
    return true;
}

bool Breaker::succeeded(SteadyTime now) {
    in_a_row_ = 0;
    if (state_ == State::closed) return false;
    if (++good_ >= good_ones_to_close) {
        close();
        return true;
    }
    state_ = State::half_open;
    probe_at_ = now + first_probe_pause;
    return false;
}

void Breaker::open(SteadyTime now) {
    trip(now);
    probe_at_ = now;
}

void Breaker::trip(SteadyTime now) {
    state_ = State::open;
    good_ = 0;
    pause_ = first_probe_pause;
    probe_at_ = now + pause_;
}

void Breaker::close() {
    state_ = State::closed;
    in_a_row_ = 0;
    good_ = 0;
    recent_.clear();
}

}  // namespace genq::engine
