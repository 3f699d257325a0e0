#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace genq::test {

/// An event of a stream, or a comment: then `name` is "".
struct StreamedEvent {
    std::string id;
    std::string name;
    std::string data;
};

/// A reader of server-sent events over a socket of its own, which blocks: a test that hangs fails after a while.
class EventReader {
  public:
    /// Sends the request; `url` as Daemon::url() has it. `small`: the socket takes few bytes that nobody reads.
    EventReader(const std::string& url, const std::string& target, std::map<std::string, std::string> headers = {},
                bool small = false);
    ~EventReader();
    EventReader(const EventReader&) = delete;
    EventReader& operator=(const EventReader&) = delete;

    /// The status of the answer.
    [[nodiscard]] int status();
    /// The next event, passing over comments. nullopt: the stream has ended.
    [[nodiscard]] std::optional<StreamedEvent> next();
    /// Reads to the end; true if the body was ended as it should be, and not broken off.
    [[nodiscard]] bool ended_whole();

  private:
    [[nodiscard]] bool more();
    [[nodiscard]] bool read_head();
    void take_chunks();

    int fd_ = -1;
    std::string raw_;   // what is not yet taken apart
    std::string text_;  // of the chunks
    int status_ = 0;
    bool in_chunk_ = false;
    std::size_t left_ = 0;  // of the chunk
    bool whole_ = false;
};

}  // namespace genq::test
