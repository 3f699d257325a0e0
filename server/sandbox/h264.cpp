#include "server/sandbox/h264.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace genq::sandbox::h264 {
namespace {

constexpr unsigned frame_number_bits = 4;

// Bits into bytes, most significant first, with the codes of clause 9.1.
class BitWriter {
  public:
    void bits(std::uint32_t value, unsigned count) {
        for (unsigned i = count; i > 0; --i) bit((value >> (i - 1)) & 1U);
    }
    void ue(std::uint32_t value) {
        const auto length = static_cast<unsigned>(std::bit_width(value + 1));
        bits(0, length - 1);
        bits(value + 1, length);
    }
    void se(std::int32_t value) {
        ue(value > 0 ? static_cast<std::uint32_t>(2 * value - 1) : static_cast<std::uint32_t>(-2 * value));
    }
    void align_zero() {
        while (used_ != 0) bit(0);
    }
    void byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }  // only when aligned
    std::string finish() {
        bit(1);
        align_zero();
        return std::move(bytes_);
    }

  private:
    void bit(std::uint32_t value) {
        if (used_ == 0) bytes_.push_back('\0');
        if (value != 0) bytes_.back() = static_cast<char>(static_cast<unsigned char>(bytes_.back()) | (0x80U >> used_));
        used_ = (used_ + 1) % 8;
    }
    std::string bytes_;
    unsigned used_ = 0;
};

// Header byte and emulation prevention (clause 7.4.1): no 00 00 0x with x below 4 inside a unit.
std::string nal_unit(unsigned char header, const std::string& payload) {
    std::string out(1, static_cast<char>(header));
    int zeros = 0;
    for (const char c : payload) {
        const auto value = static_cast<unsigned char>(c);
        if (zeros >= 2 && value <= 3) {
            out.push_back('\x03');
            zeros = 0;
        }
        out.push_back(c);
        zeros = value == 0 ? zeros + 1 : 0;
    }
    return out;
}

struct Ycc {
    int y = 0;
    int cb = 0;
    int cr = 0;
};

// BT.601, studio range, in integers; the offset makes the shift round rather than cut, also for negative values.
Ycc to_ycc(Colour colour) {
    const int r = colour.red;
    const int g = colour.green;
    const int b = colour.blue;
    return {((66 * r + 129 * g + 25 * b + 128) >> 8) + 16, ((-38 * r - 74 * g + 112 * b + 128) >> 8) + 128,
            ((112 * r - 94 * g - 18 * b + 128) >> 8) + 128};
}

// The mean over a square of 2×2 pixels: chroma has half the resolution in 4:2:0.
Ycc chroma_of(const Canvas& canvas, int x, int y) {
    Ycc sum;
    for (int dy = 0; dy < 2; ++dy) {
        for (int dx = 0; dx < 2; ++dx) {
            const auto one = to_ycc(canvas.at(x + dx, y + dy));
            sum.cb += one.cb;
            sum.cr += one.cr;
        }
    }
    return {0, sum.cb / 4, sum.cr / 4};
}

void pcm_macroblock(BitWriter& out, const Canvas& canvas, int left, int top) {
    out.ue(25);  // mb_type I_PCM in an I slice
    out.align_zero();
    for (int y = 0; y < 16; ++y) {
        for (int x = 0; x < 16; ++x) out.byte(static_cast<std::uint8_t>(to_ycc(canvas.at(left + x, top + y)).y));
    }
    std::array<std::uint8_t, 64> cr{};
    for (int y = 0; y < 8; ++y) {
        for (int x = 0; x < 8; ++x) {
            const auto chroma = chroma_of(canvas, left + 2 * x, top + 2 * y);
            out.byte(static_cast<std::uint8_t>(chroma.cb));
            cr[static_cast<std::size_t>(8 * y + x)] = static_cast<std::uint8_t>(chroma.cr);
        }
    }
    for (const auto value : cr) out.byte(value);
}

}  // namespace

std::string sequence_parameters(int width, int height) {
    BitWriter out;
    out.bits(66, 8);    // baseline
    out.bits(0xC0, 8);  // constraint sets 0 and 1: constrained baseline
    out.bits(21, 8);    // level 2.1
    out.ue(0);          // seq_parameter_set_id
    out.ue(frame_number_bits - 4);
    out.ue(2);       // pic_order_cnt_type: shown in the order of decoding
    out.ue(1);       // max_num_ref_frames
    out.bits(0, 1);  // no gaps in frame numbers
    out.ue(static_cast<std::uint32_t>(width / 16 - 1));
    out.ue(static_cast<std::uint32_t>(height / 16 - 1));
    out.bits(1, 1);  // frames only
    out.bits(1, 1);  // direct_8x8_inference
    out.bits(0, 1);  // no cropping
    out.bits(0, 1);  // no VUI
    return nal_unit(0x67, out.finish());
}

std::string picture_parameters() {
    BitWriter out;
    out.ue(0);       // pic_parameter_set_id
    out.ue(0);       // seq_parameter_set_id
    out.bits(0, 1);  // CAVLC
    out.bits(0, 1);  // no field order
    out.ue(0);       // one slice group
    out.ue(0);       // one reference in list 0
    out.ue(0);       // and in list 1
    out.bits(0, 3);  // no weighted prediction
    out.se(0);       // pic_init_qp
    out.se(0);       // pic_init_qs
    out.se(0);       // chroma_qp_index_offset
    out.bits(1, 1);  // deblocking is said in the slice: it is switched off there
    out.bits(0, 2);  // no constrained intra prediction, no redundant pictures
    return nal_unit(0x68, out.finish());
}

std::string key_picture(const Canvas& canvas) {
    BitWriter out;
    out.ue(0);                       // first_mb_in_slice
    out.ue(7);                       // all slices are I
    out.ue(0);                       // pic_parameter_set_id
    out.bits(0, frame_number_bits);  // frame_num
    out.ue(0);                       // idr_pic_id
    out.bits(0, 2);                  // output prior pictures; no long-term reference
    out.se(0);                       // slice_qp_delta
    out.ue(1);                       // no deblocking
    for (int y = 0; y < canvas.height(); y += 16) {
        for (int x = 0; x < canvas.width(); x += 16) pcm_macroblock(out, canvas, x, y);
    }
    return nal_unit(0x65, out.finish());
}

std::string repeated_picture(int width, int height, unsigned number) {
    BitWriter out;
    out.ue(0);                                                         // first_mb_in_slice
    out.ue(5);                                                         // all slices are P
    out.ue(0);                                                         // pic_parameter_set_id
    out.bits(number % (1U << frame_number_bits), frame_number_bits);   // frame_num
    out.bits(0, 1);                                                    // number of references as in the parameters
    out.bits(0, 1);                                                    // list in its own order
    out.bits(0, 1);                                                    // sliding-window marking
    out.se(0);                                                         // slice_qp_delta
    out.ue(1);                                                         // no deblocking
    out.ue(static_cast<std::uint32_t>((width / 16) * (height / 16)));  // mb_skip_run: the whole picture
    return nal_unit(0x41, out.finish());
}

}  // namespace genq::sandbox::h264
