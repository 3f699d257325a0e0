#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace genq::sandbox {

/// Appends big-endian numbers, as PNG, MP4 and ID3 want them.
class ByteWriter {
  public:
    ByteWriter& u8(std::uint32_t value) {
        bytes_.push_back(static_cast<char>(value & 0xFF));
        return *this;
    }
    ByteWriter& u16(std::uint32_t value) { return u8(value >> 8).u8(value); }
    ByteWriter& u32(std::uint32_t value) { return u16(value >> 16).u16(value); }
    ByteWriter& text(std::string_view value) {
        bytes_.append(value);
        return *this;
    }
    ByteWriter& zeros(std::size_t count) {
        bytes_.append(count, '\0');
        return *this;
    }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

}  // namespace genq::sandbox
