#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/sql/connection.hpp"

namespace genq::store::sqlite {

/// Who stands where among the ready jobs, as one read transaction sees it. Answers are kept while the transaction
/// lasts: many ask for their places between two commits, and each would count up to a thousand rows. One thread.
class ReadyOrder {
  public:
    /// No place further back than this is counted, so that it costs the same in a queue of millions.
    static constexpr int furthest = 1'000;

    struct Share {
        int priority = 0;
        std::string caller;
        int jobs = 0;
    };

    /// What stands at priorities above this one, highest first, then by caller; counting stops after furthest + 1 jobs.
    [[nodiscard]] const std::vector<Share>& above(sql::Connection& db, int priority);
    /// The callers that have something ready at this priority, in name order.
    [[nodiscard]] const std::vector<std::string>& callers(sql::Connection& db, int priority);
    /// How many ready jobs of that priority and caller have a lower row; counting stops at `limit`, which is at most
    /// furthest + 1.
    [[nodiscard]] int count_before(sql::Connection& db, int priority, const std::string& caller, std::int64_t row,
                                   int limit);
    /// The transaction ended.
    void forget();

  private:
    struct Line {
        bool asked = false;
        std::vector<std::int64_t> rows;  // the first furthest + 1, from the second question on
    };

    std::map<int, std::vector<Share>> above_;
    std::map<int, std::vector<std::string>> callers_;
    std::map<std::pair<int, std::string>, Line> lines_;
};

}  // namespace genq::store::sqlite
