#include "server/cli/event_parser.hpp"

namespace genq::cli {

std::vector<ServerEvent> EventParser::put(std::string_view piece) {
    rest_ += piece;
    std::vector<ServerEvent> events;
    std::string_view text = rest_;
    for (auto end = text.find("\n\n"); end != std::string_view::npos; end = text.find("\n\n")) {
        std::string_view block = text.substr(0, end + 1);
        text.remove_prefix(end + 2);
        ServerEvent event;
        while (!block.empty()) {
            const auto line = block.substr(0, block.find('\n'));
            block.remove_prefix(line.size() + 1);
            const auto colon = line.find(": ");
            if (colon == std::string_view::npos) continue;
            const auto name = line.substr(0, colon);
            const auto value = line.substr(colon + 2);
            if (name == "id") last_id_ = value;
            if (name == "event") event.name = value;
            if (name == "data") event.data = value;
        }
        event.id = last_id_;
        events.push_back(std::move(event));
    }
    rest_.erase(0, rest_.size() - text.size());
    return events;
}

}  // namespace genq::cli
