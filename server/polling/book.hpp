#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "server/polling/durations.hpp"

namespace genq::polling {

/// A model's law, and how many of its tasks it rests on.
struct Learnt {
    Law law;
    std::int64_t seen = 0;
};
/// By model.
using Laws = std::map<std::string, std::shared_ptr<const Learnt>, std::less<>>;

/// What was learnt of the models in use. Holds the few hundred that were used last, a kilobyte each: models that are
/// passed through are the callers' words. Pure; not thread-safe: lives on the engine strand.
class Book {
  public:
    static constexpr std::size_t most_models = 500;

    /// What an earlier process learnt of a model.
    void load(std::string model, Durations durations);
    /// What to think of a model of which nothing is known. Before anything else is asked of the model.
    void prepare(const std::string& model, const Prior& prior);
    /// The law as of now, with the running tasks counted.
    [[nodiscard]] const Law& law(const std::string& model);
    [[nodiscard]] const Durations& durations(const std::string& model) const { return models_.at(model).durations; }

    /// A task runs and was last seen unfinished at that age (seconds); removed() with the same age takes it back.
    void added(const std::string& model, double looked);
    void removed(const std::string& model, double looked);
    /// See the functions of these names. The task was removed() before.
    void observe(const std::string& model, double after, double until);
    void censor(const std::string& model, double looked);

    /// The laws of all models that are known, as of the last task of each that ended; the same object until then.
    [[nodiscard]] std::shared_ptr<const Laws> laws();

  private:
    struct Entry {
        Durations durations;
        Bins prior{};
        Bins running{};
        int tasks = 0;
        std::uint64_t used = 0;  // rises: who was used last
        bool prepared = false;
        bool stale = true;  // `law` lacks something
        std::shared_ptr<const Learnt> law;
    };
    [[nodiscard]] Entry& use(const std::string& model);
    void make_room();
    static void refresh(Entry& entry);

    std::map<std::string, Entry, std::less<>> models_;
    std::uint64_t uses_ = 0;
    std::shared_ptr<const Laws> laws_;  // null: to be made anew
};

}  // namespace genq::polling
