#include <algorithm>

#include "server/sandbox/byte_writer.hpp"
#include "server/sandbox/media.hpp"

namespace genq::sandbox {
namespace {

constexpr int frame_count = 77;           // of 1152 samples at 44.1 kHz: two seconds
constexpr std::size_t frame_bytes = 104;  // 144 × 32000 / 44100, without padding
constexpr std::size_t longest_text = 500;

// A frame of text, ISO 8859-1 would be encoding 0; UTF-16 is what ID3v2.3 has for everything else, so what is not
// ASCII becomes a question mark and the prompt stays readable in every player.
std::string text_frame(std::string_view id, std::string_view prefix, std::string_view text) {
    std::string value(text.substr(0, longest_text));
    std::ranges::replace_if(value, [](char c) { return c < ' ' || c > '~'; }, '?');
    const auto size = 1 + prefix.size() + value.size();
    return ByteWriter().text(id).u32(static_cast<std::uint32_t>(size)).u16(0).u8(0).text(prefix).text(value).bytes();
}

// Four groups of seven bits, so that no byte looks like a frame's start (ID3v2.3 §3.1).
std::string synchsafe(std::size_t size) {
    const auto part = [size](unsigned shift) { return static_cast<std::uint32_t>((size >> shift) & 0x7F); };
    return ByteWriter().u8(part(21)).u8(part(14)).u8(part(7)).u8(part(0)).bytes();
}

}  // namespace

std::string make_mp3(const Label& label) {
    using namespace std::string_literals;
    const std::string frames = text_frame("TIT2", "", label.hash + " #" + std::to_string(label.index)) +
                               text_frame("TRCK", "", std::to_string(label.index + 1)) +
                               text_frame("COMM", "eng\0"s, label.prompt);
    std::string out = "ID3\x03\0\0"s + synchsafe(frames.size()) + frames;
    // Sync, MPEG-1 layer III without CRC; 32 kbit/s at 44.1 kHz; mono. All-zero side information means no spectrum at
    // all: silence.
    std::string frame = "\xFF\xFB\x10\xC0"s;
    frame.resize(frame_bytes, '\0');
    for (int i = 0; i < frame_count; ++i) out += frame;
    return out;
}

}  // namespace genq::sandbox
