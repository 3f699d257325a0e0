#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/core/clock.hpp"

namespace genq::sandbox {

/// What the stand-in has seen: the other side's books, to check a client by.
struct Ledger {
    /// A create that made a task.
    struct Create {
        WallTime time{};
        std::string family;
        std::string model;
        std::string task_id;
        boost::json::object body;
    };
    std::vector<Create> creates;
    std::map<std::string, std::uint64_t> requests;  ///< "POST /api/v1/jobs/createTask" → how many arrived
    std::size_t max_in_window = 0;  ///< the most API requests that arrived in any limit window, refused ones included
    std::uint64_t refused = 0;      ///< answered by 429

    /// As `GET /_sandbox/ledger` shows it; times are milliseconds since the epoch.
    [[nodiscard]] boost::json::object to_json() const;
};

/// A ledger that one thread writes while others read it.
class LedgerBook {
  public:
    void arrived(const std::string& endpoint, std::size_t max_in_window);
    void refused();
    void created(Ledger::Create create);
    [[nodiscard]] Ledger copy() const;

  private:
    mutable std::mutex mutex_;
    Ledger ledger_;
};

}  // namespace genq::sandbox
