#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "common/http/stream.hpp"

namespace genq::http {

/// Connections that wait for their next request, by origin. A server closes idle connections when it likes, and a
/// request that meets the close looks like a lost answer: so none is used after two seconds, and each is looked at
/// before. Any thread.
class Pool {
  public:
    explicit Pool(Clock& clock) : clock_(clock) {}

    struct Idle {
        std::unique_ptr<Stream> stream;
        SteadyTime since;  ///< end of its last use
    };

    /// The connection used last, or one without stream.
    [[nodiscard]] Idle take(const std::string& origin);
    void put(const std::string& origin, Idle idle);
    [[nodiscard]] std::size_t size() const;

  private:
    void prune();

    Clock& clock_;
    mutable std::mutex mutex_;
    std::map<std::string, std::vector<Idle>> idle_;
};

}  // namespace genq::http
