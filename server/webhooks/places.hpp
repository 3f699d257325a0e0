#pragma once
#include <map>
#include <string>

namespace genq::webhooks {

/// How many tries may be under way: in all, to one host, and to hosts that did not answer. So receivers that are dead,
/// however many, never take the places of those that answer (DESIGN.md, "Webhooks"). A value; a copy may be asked on
/// any thread.
class Places {
  public:
    /// Takes a place for a try to the host; false if there is none for it now.
    [[nodiscard]] bool take(const std::string& host);
    /// Gives it back. `answered`: something came, whatever it said.
    void give_back(const std::string& host, bool answered);
    /// Those that nobody has taken.
    [[nodiscard]] int free() const;

  private:
    enum class Heard { nothing_yet, answer, silence };
    struct Host {
        Heard heard = Heard::nothing_yet;
        int under_way = 0;
    };

    void forget_some();

    std::map<std::string, Host> hosts_;
    int taken_ = 0;
    int taken_by_strangers_ = 0;  // hosts that have not answered: silent ones and new ones
    int taken_by_silent_ = 0;
};

}  // namespace genq::webhooks
