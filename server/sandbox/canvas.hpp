#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "server/sandbox/media.hpp"

namespace genq::sandbox {

struct Colour {
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
};

/// A picture in memory: rows from the top, three bytes a pixel.
class Canvas {
  public:
    /// Sizes in pixels, both > 0; all pixels are `background`.
    Canvas(int width, int height, Colour background);

    /// Writes hex digits, `#` and `-` in a 5×7 font, each dot `scale` pixels wide; other characters stay blank. What
    /// lies outside is cut off.
    void write(std::string_view text, int left, int top, int scale, Colour ink);
    void fill(int left, int top, int width, int height, Colour colour);

    [[nodiscard]] int width() const { return width_; }
    [[nodiscard]] int height() const { return height_; }
    [[nodiscard]] Colour at(int x, int y) const;
    /// `width × 3` bytes of row `y`.
    [[nodiscard]] const std::uint8_t* row(int y) const;

  private:
    [[nodiscard]] std::size_t offset(int x, int y) const;

    int width_;
    int height_;
    std::vector<std::uint8_t> pixels_;
};

/// The picture that all visual media show: a colour made from the hash, the hash, and the number of the file.
[[nodiscard]] Canvas draw_label(const Label& label, int width, int height);

}  // namespace genq::sandbox
