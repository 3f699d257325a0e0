#include <vector>

#include "server/sandbox/byte_writer.hpp"
#include "server/sandbox/canvas.hpp"
#include "server/sandbox/h264.hpp"
#include "server/sandbox/media.hpp"

namespace genq::sandbox {
namespace {

constexpr std::uint32_t width = 160;
constexpr std::uint32_t height = 96;
constexpr std::uint32_t ticks_per_second = 1000;
constexpr std::uint32_t ticks_per_frame = 100;
constexpr std::uint32_t frame_count = 20;
constexpr std::uint32_t duration = frame_count * ticks_per_frame;

std::uint32_t size32(const std::string& bytes) {
    return static_cast<std::uint32_t>(bytes.size());
}

std::string box(std::string_view type, const std::string& body) {
    return ByteWriter().u32(8 + size32(body)).text(type).text(body).bytes();
}

std::string full_box(std::string_view type, std::uint32_t version_and_flags, const std::string& body) {
    return box(type, ByteWriter().u32(version_and_flags).text(body).bytes());
}

// The unit matrix in the fixed-point form of ISO/IEC 14496-12 §6.2.2.
std::string unit_matrix() {
    ByteWriter out;
    out.u32(0x10000).zeros(12).u32(0x10000).zeros(12).u32(0x40000000);
    return out.bytes();
}

std::string movie_header() {
    ByteWriter out;
    out.zeros(8).u32(ticks_per_second).u32(duration).u32(0x10000).u16(0x100).zeros(10);
    out.text(unit_matrix()).zeros(24).u32(2);
    return full_box("mvhd", 0, out.bytes());
}

std::string track_header() {
    ByteWriter out;
    out.zeros(8).u32(1).u32(0).u32(duration).zeros(16).text(unit_matrix()).u32(width << 16).u32(height << 16);
    return full_box("tkhd", 0x000003, out.bytes());  // enabled, in the movie
}

std::string sample_description(const std::string& sps, const std::string& pps) {
    const auto config = ByteWriter()
                            .u8(1)
                            .text(std::string_view(sps).substr(1, 3))  // profile, constraints, level
                            .u8(0xFF)                                  // lengths of four bytes
                            .u8(0xE1)                                  // one sequence parameter set
                            .u16(size32(sps))
                            .text(sps)
                            .u8(1)
                            .u16(size32(pps))
                            .text(pps)
                            .bytes();
    ByteWriter entry;
    entry.zeros(6).u16(1).zeros(16).u16(width).u16(height).u32(0x480000).u32(0x480000).u32(0).u16(1);
    entry.zeros(32).u16(24).u16(0xFFFF).text(box("avcC", config));
    return full_box("stsd", 0, ByteWriter().u32(1).text(box("avc1", entry.bytes())).bytes());
}

std::string sample_table(const std::string& description, const std::vector<std::string>& samples,
                         std::uint32_t data_offset) {
    ByteWriter sizes;
    sizes.u32(0).u32(static_cast<std::uint32_t>(samples.size()));
    for (const auto& sample : samples) sizes.u32(size32(sample));
    const auto count = static_cast<std::uint32_t>(samples.size());
    return box("stbl", description + full_box("stts", 0, ByteWriter().u32(1).u32(count).u32(ticks_per_frame).bytes()) +
                           full_box("stss", 0, ByteWriter().u32(1).u32(1).bytes()) +
                           full_box("stsc", 0, ByteWriter().u32(1).u32(1).u32(count).u32(1).bytes()) +
                           full_box("stsz", 0, sizes.bytes()) +
                           full_box("stco", 0, ByteWriter().u32(1).u32(data_offset).bytes()));
}

std::string movie(const std::string& description, const std::vector<std::string>& samples, std::uint32_t data_offset) {
    const auto media_header = full_box(
        "mdhd", 0, ByteWriter().zeros(8).u32(ticks_per_second).u32(duration).u16(0x55C4).u16(0).bytes());  // "und"
    const auto handler = full_box("hdlr", 0, ByteWriter().u32(0).text("vide").zeros(12).text("sandbox").u8(0).bytes());
    const auto data_here = full_box("dref", 0, ByteWriter().u32(1).text(full_box("url ", 1, "")).bytes());
    const auto info = box("minf", full_box("vmhd", 1, std::string(8, '\0')) + box("dinf", data_here) +
                                      sample_table(description, samples, data_offset));
    return box("moov", movie_header() + box("trak", track_header() + box("mdia", media_header + handler + info)));
}

// Each unit of a sample has its length before it.
std::string with_length(const std::string& unit) {
    return ByteWriter().u32(size32(unit)).text(unit).bytes();
}

}  // namespace

std::string make_mp4(const Label& label) {
    const auto canvas = draw_label(label, static_cast<int>(width), static_cast<int>(height));
    std::vector<std::string> samples{with_length(h264::key_picture(canvas))};
    for (unsigned number = 1; number < frame_count; ++number) {
        samples.push_back(with_length(h264::repeated_picture(canvas.width(), canvas.height(), number)));
    }
    std::string data;
    for (const auto& sample : samples) data += sample;

    const auto description =
        sample_description(h264::sequence_parameters(canvas.width(), canvas.height()), h264::picture_parameters());
    const auto type = box("ftyp", ByteWriter().text("isom").u32(0x200).text("isomiso2avc1mp41").bytes());
    // The header comes first and holds the data's place, which depends on the header's own size only.
    const auto header_bytes = size32(type) + size32(movie(description, samples, 0));
    return type + movie(description, samples, header_bytes + 8) + box("mdat", data);
}

}  // namespace genq::sandbox
