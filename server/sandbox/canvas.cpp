#include "server/sandbox/canvas.hpp"

#include <algorithm>
#include <charconv>

namespace genq::sandbox {
namespace {

constexpr int glyph_width = 5;
constexpr int glyph_height = 7;
using Glyph = std::array<std::uint8_t, glyph_height>;  // a row each, the leftmost dot in bit 4

constexpr std::string_view glyph_names = "0123456789abcdef#-";
constexpr std::array<Glyph, glyph_names.size()> glyphs{{
    {0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E},  // 0
    {0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E},  // 1
    {0x0E, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1F},  // 2
    {0x1F, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0E},  // 3
    {0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02},  // 4
    {0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E},  // 5
    {0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E},  // 6
    {0x1F, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08},  // 7
    {0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E},  // 8
    {0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C},  // 9
    {0x00, 0x00, 0x0E, 0x01, 0x0F, 0x11, 0x0F},  // a
    {0x10, 0x10, 0x1E, 0x11, 0x11, 0x11, 0x1E},  // b
    {0x00, 0x00, 0x0E, 0x10, 0x10, 0x11, 0x0E},  // c
    {0x01, 0x01, 0x0F, 0x11, 0x11, 0x11, 0x0F},  // d
    {0x00, 0x00, 0x0E, 0x11, 0x1F, 0x10, 0x0E},  // e
    {0x06, 0x09, 0x08, 0x1C, 0x08, 0x08, 0x08},  // f
    {0x0A, 0x0A, 0x1F, 0x0A, 0x1F, 0x0A, 0x0A},  // #
    {0x00, 0x00, 0x00, 0x1F, 0x00, 0x00, 0x00},  // -
}};

// Dark enough for white letters.
Colour background_of(std::string_view hash) {
    std::uint32_t bits = 0;
    std::from_chars(hash.data(), hash.data() + hash.size(), bits, 16);
    const auto part = [bits](unsigned shift) { return static_cast<std::uint8_t>(24 + ((bits >> shift) & 0x7F)); };
    return {part(0), part(8), part(16)};
}

}  // namespace

Canvas::Canvas(int width, int height, Colour background)
    : width_(width), height_(height), pixels_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3) {
    fill(0, 0, width, height, background);
}

std::size_t Canvas::offset(int x, int y) const {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)) * 3;
}

Colour Canvas::at(int x, int y) const {
    const auto at = offset(x, y);
    return {pixels_[at], pixels_[at + 1], pixels_[at + 2]};
}

const std::uint8_t* Canvas::row(int y) const {
    return pixels_.data() + offset(0, y);
}

void Canvas::fill(int left, int top, int width, int height, Colour colour) {
    for (int y = std::max(top, 0); y < std::min(top + height, height_); ++y) {
        for (int x = std::max(left, 0); x < std::min(left + width, width_); ++x) {
            const auto at = offset(x, y);
            pixels_[at] = colour.red;
            pixels_[at + 1] = colour.green;
            pixels_[at + 2] = colour.blue;
        }
    }
}

void Canvas::write(std::string_view text, int left, int top, int scale, Colour ink) {
    for (const char letter : text) {
        const auto index = glyph_names.find(letter);
        if (index != std::string_view::npos) {
            for (int y = 0; y < glyph_height; ++y) {
                for (int x = 0; x < glyph_width; ++x) {
                    const auto dots = glyphs[index][static_cast<std::size_t>(y)];
                    if (((dots >> (glyph_width - 1 - x)) & 1) != 0) {
                        fill(left + x * scale, top + y * scale, scale, scale, ink);
                    }
                }
            }
        }
        left += (glyph_width + 1) * scale;
    }
}

Canvas draw_label(const Label& label, int width, int height) {
    Canvas canvas(width, height, background_of(label.hash));
    const Colour white{235, 235, 235};
    const int letters = std::max(static_cast<int>(label.hash.size()), 1);
    const int scale = std::max(1, (width * 7 / 8) / (letters * (glyph_width + 1)));
    const int text_width = letters * (glyph_width + 1) * scale - scale;
    const int left = (width - text_width) / 2;
    const int top = height / 2 - glyph_height * scale;
    canvas.write(label.hash, left, top, scale, white);
    canvas.write("#" + std::to_string(label.index), left, top + (glyph_height + 3) * scale, scale, white);
    return canvas;
}

}  // namespace genq::sandbox
