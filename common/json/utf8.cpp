#include "common/json/utf8.hpp"

#include <cstddef>

namespace genq::json {

bool valid_utf8(std::string_view text) {
    std::size_t i = 0;
    const auto at = [&](std::size_t place) { return static_cast<unsigned char>(text[place]); };
    while (i < text.size()) {
        const unsigned char lead = at(i++);
        if (lead < 0x80) continue;
        std::size_t more = 0;
        // The first byte that follows is what tells overlong forms, surrogates and too large code points.
        unsigned char low = 0x80;
        unsigned char high = 0xBF;
        if (lead >= 0xC2 && lead <= 0xDF) {
            more = 1;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            more = 2;
            if (lead == 0xE0) low = 0xA0;
            if (lead == 0xED) high = 0x9F;
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            more = 3;
            if (lead == 0xF0) low = 0x90;
            if (lead == 0xF4) high = 0x8F;
        } else {
            return false;
        }
        for (; more > 0; --more, low = 0x80, high = 0xBF) {
            if (i == text.size() || at(i) < low || at(i) > high) return false;
            ++i;
        }
    }
    return true;
}

}  // namespace genq::json
