#pragma once
#include <map>
#include <string>

#include "server/store/deliveries.hpp"

namespace genq::webhooks {

/// How many tries may be under way: in all, to one receiver (host and path), to one host, and to hosts that did not
/// answer. So receivers that are dead, however many, never take the places of those that answer (DESIGN.md,
/// "Webhooks"). A value; a copy may be asked on any thread.
class Places {
  public:
    /// Takes a place for a try, or tells what there is no place for now.
    [[nodiscard]] store::Room take(const std::string& receiver);
    /// Gives it back. `answered`: something came, whatever it said.
    void give_back(const std::string& receiver, bool answered);
    /// Those that nobody has taken.
    [[nodiscard]] int free() const { return most - taken_; }

  private:
    static constexpr int most = 256;

    enum class Heard { nothing_yet, answers, silence };
    struct Host {
        Heard heard = Heard::nothing_yet;
        int silences = 0;  // in a row, of one that answers
        int under_way = 0;
    };
    struct Receiver {
        bool silent = false;
        int under_way = 0;
    };

    void count(const Host& host, int change);
    void forget_some();

    std::map<std::string, Host> hosts_;
    std::map<std::string, Receiver> receivers_;  // those under way and those that are silent
    int taken_ = 0;
    int taken_by_strangers_ = 0;  // to hosts that have not answered: silent ones and new ones
    int taken_by_silent_ = 0;
};

}  // namespace genq::webhooks
