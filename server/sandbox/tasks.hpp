#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/core/clock.hpp"
#include "server/sandbox/media.hpp"

namespace genq::sandbox {

/// The two clocks at one instant.
struct Moment {
    SteadyTime steady{};
    WallTime wall{};
};

/// How a task will end; settled when it is made.
enum class Fate { success, failure, create_failure, stuck };

/// Where a task stands.
enum class Phase { waiting, queuing, generating, done, failed };

/// One task, as a create made it. Everything about its future is known from the start: what a poll shows is a function
/// of the time.
struct Task {
    std::string id;
    std::string family;
    std::string model;      ///< what faults and the ledger call it: a slug, `veo3_fast`, `V5`, `mj_txt2img`
    std::string operation;  ///< "generate", "extend", "4k", "lyrics": what the family needs to tell apart
    std::string prompt;
    boost::json::object body;
    std::string callback_url;  ///< "" for none or a placeholder
    std::string parent;        ///< the task that was extended or upgraded
    std::string upgrade;       ///< the 4K task made from this one
    std::vector<MediaKind> files;
    double price = 0;
    Moment created;
    std::chrono::milliseconds duration{0};
    std::chrono::milliseconds upgrade_after{0};  ///< from the end until 1080p is there (Veo)
    std::chrono::milliseconds hidden_for{0};
    Fate fate = Fate::success;
    int fail_code = 501;
    std::string fail_message = "Generation Failed - Content generation task failed";
    bool no_result = false;
    bool callback_failed = false;

    [[nodiscard]] SteadyTime ends() const { return created.steady + duration; }
    [[nodiscard]] WallTime ends_wall() const { return created.wall + duration; }
    [[nodiscard]] bool visible(SteadyTime now) const { return now >= created.steady + hidden_for; }
    /// How much of the duration has passed, 0 to 1; a stuck task never gets past one half.
    [[nodiscard]] double share(SteadyTime now) const;
    /// waiting for the first twentieth, queuing until a sixth, then generating until the end. A failure at creation is
    /// there at once.
    [[nodiscard]] Phase phase(SteadyTime now) const;
};

/// All tasks, by id. Addresses stay valid: a task is never dropped.
class TaskTable {
  public:
    Task& add(Task task);
    [[nodiscard]] Task* find(std::string_view id);

  private:
    std::unordered_map<std::string, std::unique_ptr<Task>> tasks_;
};

}  // namespace genq::sandbox
