#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/domain/job.hpp"
#include "server/upstream/outcome.hpp"

namespace genq::upstream {

/// What of a job a family needs to make its requests.
struct TaskSpec {
    std::string model;       // the catalogue's id: "veo/extend", "suno/V5", "google/imagen4"
    std::string wire_model;  // what goes to kie.ai as the model, where the family has one
    boost::json::object input;
    std::string task_id;       // "" before the create
    std::string callback_url;  // "" for none; Suno gets the configured placeholder
};

/// A request of a family, relative to the API's base URL.
struct ApiRequest {
    std::string method;  // GET or POST
    std::string path;    // "/api/v1/veo/record-info?taskId=…", task ids percent-encoded
    std::string body;    // JSON, "" with GET
};

enum class TaskState { pending, succeeded, failed };

/// What a record says, in our words.
struct TaskReport {
    TaskState state = TaskState::pending;
    std::string word;             // kie.ai's own state word or flag, for people; "" if the record has none
    bool known_word = true;       // false: never seen before; treated as pending, to be logged
    std::vector<Output> outputs;  // index, source_url, role (list: results.hpp); while pending Suno's first ones
    std::optional<boost::json::value> result;  // what is not a file (shapes: results.hpp): lyrics, a transcript, tracks
    std::optional<int> fail_code;
    std::string fail_message;
    bool passing = false;  // a failure that may pass with a new task: 408, 531, "try again", concurrency
    bool reread = false;   // succeeded by its word, but without a usable result: ask again a few times
    std::optional<double> credits;
    std::optional<double> progress;  // 0…1 where kie.ai says it
    std::optional<double> took_s;    // of a task that has ended, by kie.ai's own clock, where it says so to the ms
};

/// One of kie.ai's API families. Pure: builds requests and reads answers, sends nothing. Stateless, any thread.
/// No answer makes read() throw, whatever its shape.
class FamilyAdapter {
  public:
    virtual ~FamilyAdapter() = default;
    [[nodiscard]] virtual Family family() const = 0;

    /// The endpoints to try in order for the create of this model, kie.ai's pages first: names that create() and
    /// query() take ("" for the first). Most have one, named ""; else kie.ai's pages' is "docs", an older text's
    /// "seed".
    [[nodiscard]] virtual std::vector<std::string> endpoints(std::string_view model) const;
    /// The request that makes the task. veo/1080p and veo/4k take the finished task from `input.taskId`; their query is
    /// the create again (DESIGN.md).
    [[nodiscard]] virtual ApiRequest create(const TaskSpec& spec, std::string_view endpoint) const = 0;
    [[nodiscard]] virtual ApiRequest query(const TaskSpec& spec, std::string_view endpoint) const = 0;
    /// Reads the create's answer where the usual rules (classify_create) don't do: veo/1080p and veo/4k, whose answer
    /// to the create may be the result already, or a 422 that means "accepted". Created then has a task id (the
    /// parent's, if no other is named), and read() of the same envelope tells whether it is done. nullopt: the usual
    /// rules hold.
    [[nodiscard]] virtual std::optional<CreateOutcome> read_create(const TaskSpec& spec,
                                                                   const Envelope& envelope) const;
    /// Reads a record. `envelope` is any answer that was kie.ai's, error codes included.
    [[nodiscard]] virtual TaskReport read(const TaskSpec& spec, const Envelope& envelope) const = 0;
    /// Reads the body of a call to our callBackUrl. What ends the task is told from what only reports its progress
    /// (Suno's `text` and `first`), which is pending; so is a code that says nothing of the task.
    [[nodiscard]] virtual TaskReport read_callback(const TaskSpec& spec, const Envelope& envelope) const = 0;
    /// True if kie.ai calls back for this model's tasks when its create names a callBackUrl: all but veo/1080p.
    [[nodiscard]] virtual bool calls_back(std::string_view model) const;
    /// True for a model whose create makes no task and costs nothing, so that an unknown outcome is simply repeated
    /// (veo/1080p), or that may be asked again safely (veo/4k).
    [[nodiscard]] virtual bool repeatable(std::string_view model) const;
};

/// The adapter of a family; lives for the whole program.
[[nodiscard]] const FamilyAdapter& adapter(Family family);

}  // namespace genq::upstream
