#include "server/sandbox/ledger.hpp"

#include <boost/json/array.hpp>

#include "common/core/rfc3339.hpp"

namespace genq::sandbox {

namespace json = boost::json;

json::object Ledger::to_json() const {
    json::array made;
    for (const auto& create : creates) {
        made.push_back(json::object{{"time", to_ms(create.time)},
                                    {"family", create.family},
                                    {"model", create.model},
                                    {"taskId", create.task_id},
                                    {"body", create.body}});
    }
    json::object counts;
    for (const auto& [endpoint, count] : requests) counts[endpoint] = count;
    return {{"creates", std::move(made)},
            {"requests", std::move(counts)},
            {"maxInWindow", max_in_window},
            {"refused", refused}};
}

void LedgerBook::arrived(const std::string& endpoint, std::size_t max_in_window) {
    const std::lock_guard lock(mutex_);
    ++ledger_.requests[endpoint];
    ledger_.max_in_window = max_in_window;
}

void LedgerBook::refused() {
    const std::lock_guard lock(mutex_);
    ++ledger_.refused;
}

void LedgerBook::created(Ledger::Create create) {
    const std::lock_guard lock(mutex_);
    ledger_.creates.push_back(std::move(create));
}

Ledger LedgerBook::copy() const {
    const std::lock_guard lock(mutex_);
    return ledger_;
}

}  // namespace genq::sandbox
