#pragma once
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/http/transport.hpp"
#include "tests/sim/dice.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/weather.hpp"
#include "tests/support/fake_clock.hpp"

namespace genq::sim {

/// kie.ai as its pages tell it, in memory: tasks of all families, credits, and a strict sliding window of requests,
/// counted as they arrive. It shares no code with the client side. Its ledger is the witness for the invariants.
class Kie {
  public:
    static constexpr std::size_t limit = 20;
    static constexpr std::chrono::milliseconds window{10'000};

    struct Settings {
        bool limit_creates_only = false;  // limits.scope "create": queries have 10 a second of their own
        bool aleph_moved = false;         // only the second of Aleph's paths exists
        double credits = 1e12;
    };

    Kie(test::FakeClock& clock, Dice& dice, Weather& weather, Ledger& ledger, Settings settings);

    /// A request has arrived: counts it, checks the limit, and answers as kie.ai would.
    [[nodiscard]] http::ClientResponse arrive(const http::ClientRequest& request);
    /// One request of somebody else's on the same account.
    void stranger_asks();
    void set_credits(double credits) { settings_.credits = credits; }

    /// What the media hosts answer for a URL: the status, and for 200 the bytes.
    struct Media {
        int status = 404;
        std::string bytes;
    };
    [[nodiscard]] Media media(const std::string& url) const;
    /// The bytes that a result's URL stands for.
    [[nodiscard]] static std::string media_bytes(const std::string& url);

    struct Task {
        std::string id;
        std::string family;  // as in the samples' names
        int order = 0;
        SteadyTime made;
        SteadyTime visible;
        SteadyTime done;           // max(): never
        std::string create;        // the body of the request that made it
        std::string callback_url;  // "": it named none
        bool fails = false;
        bool failure_told = false;
        bool passing = false;    // the failure says "try again"
        bool vanished = false;   // kie.ai has lost it
        int empty_answers = 0;   // "success" without a result, so often
        SteadyTime urls_expire;  // the first URLs; a record asked for later names fresh ones
        bool gone = false;       // no URL works any more
        SteadyTime asked{};      // an upgrade: the last time
        int calm_looks = 0;      // how often without faults
    };
    [[nodiscard]] const Task& task(const std::string& id) const { return tasks_.at(id); }
    /// Told of each task that is made.
    std::function<void(const std::string& id)> on_task;

    /// What a call says, at the points where Suno calls twice before its end.
    enum class Stage { text, first, end };
    [[nodiscard]] std::string callback_body(const std::string& id, Stage stage);
    /// What a stranger would write who knows the task: that it has succeeded with his own files, or failed.
    [[nodiscard]] std::string forged_body(const std::string& id, bool success) const;

  private:
    static constexpr std::string_view media_host = "https://media.example.org/";
    [[nodiscard]] http::ClientResponse create(const http::ClientRequest& request, const std::string& path);
    [[nodiscard]] http::ClientResponse query(const std::string& task_id);
    /// "veo-1080p" or "veo-4k" for the paths that upgrade a finished video, else "".
    [[nodiscard]] static std::string upgrade_of(const std::string& path);
    /// The video and its index: whoever asks for the same gets the same upgrade.
    [[nodiscard]] static std::string upgrade_key(const std::string& family, const std::string& target,
                                                 const std::string& body);
    /// One request, again and again, makes the upgrade and asks for it.
    [[nodiscard]] http::ClientResponse upgrade(const std::string& family, const std::string& key,
                                               const std::string& request);
    [[nodiscard]] http::ClientResponse ask_upgrade(Task& task);
    /// A task with a fate of its own, known from now on.
    Task& make_task(Order& order, const std::string& family, const std::string& create, std::string id);
    /// Checks that a create comes after those that it refers to, and names their tasks.
    void references_are_resolved(const Order& order, const std::string& body) const;
    /// Books a task that costs credits: as often as its caller asked for, and no more.
    void pay(Order& order);
    /// What refuses any create at the moment.
    [[nodiscard]] std::optional<http::ClientResponse> refusal_of_all();
    [[nodiscard]] http::ClientResponse refusal_of_a_create(Order& order);
    void count(bool is_create, bool is_upgrade);
    [[nodiscard]] bool over_limit(bool is_create);
    void check_limit(std::deque<SteadyTime>& times, std::size_t most, std::chrono::milliseconds span,
                     const char* what) const;
    [[nodiscard]] std::string record(const Task& task, std::string_view state) const;
    [[nodiscard]] static std::map<std::string, std::string> read_samples();
    void tell_failure(Task& task);
    [[nodiscard]] std::string failure_body(const Task& task, std::string_view state) const;

    test::FakeClock& clock_;
    Dice& dice_;
    Weather& weather_;
    Ledger& ledger_;
    Settings settings_;
    std::map<std::string, Task> tasks_;
    std::map<std::string, std::string> upgrades_;  // task ids by family, video and index
    std::map<std::string, std::string> samples_;   // by file name
    std::deque<SteadyTime> ours_;                  // what the invariant counts
    std::deque<SteadyTime> our_queries_;           // likewise, with limits of their own
    std::deque<SteadyTime> accepted_;              // what kie.ai counts: strangers' too, refused ones not
    int next_task_ = 1;
};

/// True for the requests that make tasks.
[[nodiscard]] bool is_create(const http::ClientRequest& request);

}  // namespace genq::sim
