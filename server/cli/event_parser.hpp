#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace genq::cli {

/// One server-sent event; `name` and `data` are "" if it only tells an id.
struct ServerEvent {
    std::string id;  ///< the last one told, by this event or before it
    std::string name;
    std::string data;
};

/// Reads server-sent events out of text that comes piece by piece (WHATWG HTML §9.2.6), as the daemon writes them:
/// lines end with LF, and each field's colon has a blank behind it.
class EventParser {
  public:
    /// The events that are whole with this piece.
    [[nodiscard]] std::vector<ServerEvent> put(std::string_view piece);

  private:
    std::string rest_;
    std::string last_id_;
};

}  // namespace genq::cli
