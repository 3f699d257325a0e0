#include <zlib.h>

#include "common/core/check.hpp"
#include "server/sandbox/byte_writer.hpp"
#include "server/sandbox/canvas.hpp"
#include "server/sandbox/media.hpp"

namespace genq::sandbox {
namespace {

const Bytef* as_bytef(const std::string& text) {
    return reinterpret_cast<const Bytef*>(text.data());
}

std::string chunk(std::string_view type, const std::string& data) {
    const std::string body = std::string(type) + data;
    const auto crc = crc32(crc32(0, nullptr, 0), as_bytef(body), static_cast<uInt>(body.size()));
    return ByteWriter()
        .u32(static_cast<std::uint32_t>(data.size()))
        .text(body)
        .u32(static_cast<std::uint32_t>(crc))
        .bytes();
}

std::string deflate_all(const std::string& raw) {
    uLongf size = compressBound(static_cast<uLong>(raw.size()));
    std::string out(size, '\0');
    const int status = compress2(reinterpret_cast<Bytef*>(out.data()), &size, as_bytef(raw),
                                 static_cast<uLong>(raw.size()), Z_DEFAULT_COMPRESSION);
    GENQ_CHECK(status == Z_OK);
    out.resize(size);
    return out;
}

}  // namespace

std::string make_png(const Label& label) {
    const auto canvas = draw_label(label, 256, 160);
    std::string raw;
    for (int y = 0; y < canvas.height(); ++y) {
        raw.push_back('\0');  // no filter
        raw.append(reinterpret_cast<const char*>(canvas.row(y)), static_cast<std::size_t>(canvas.width()) * 3);
    }
    const auto header = ByteWriter()
                            .u32(static_cast<std::uint32_t>(canvas.width()))
                            .u32(static_cast<std::uint32_t>(canvas.height()))
                            .u8(8)  // bits a sample
                            .u8(2)  // RGB
                            .zeros(3)
                            .bytes();
    const std::string note = "Comment" + std::string(1, '\0') + label.hash + " #" + std::to_string(label.index);
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("tEXt", note) + chunk("IDAT", deflate_all(raw)) +
           chunk("IEND", "");
}

}  // namespace genq::sandbox
