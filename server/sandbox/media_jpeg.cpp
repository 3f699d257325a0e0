#include <cstdio>
// jpeglib.h uses FILE and size_t without including their headers.
#include <jpeglib.h>

#include <cstdlib>
#include <string>

#include "server/sandbox/canvas.hpp"
#include "server/sandbox/media.hpp"

namespace genq::sandbox {

std::string make_jpeg(const Label& label) {
    const auto canvas = draw_label(label, 256, 160);
    jpeg_compress_struct jpeg{};
    jpeg_error_mgr errors{};
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    unsigned char* out = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&jpeg, &out, &size);
    jpeg.image_width = static_cast<JDIMENSION>(canvas.width());
    jpeg.image_height = static_cast<JDIMENSION>(canvas.height());
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 85, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    const std::string note = label.hash + " #" + std::to_string(label.index);
    jpeg_write_marker(&jpeg, JPEG_COM, reinterpret_cast<const JOCTET*>(note.data()),
                      static_cast<unsigned int>(note.size()));
    for (int y = 0; y < canvas.height(); ++y) {
        // libjpeg's rows are not const, but it only reads them.
        auto* row = const_cast<JSAMPROW>(canvas.row(y));
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    std::string bytes(reinterpret_cast<const char*>(out), size);
    jpeg_destroy_compress(&jpeg);
    std::free(out);  // made by libjpeg's malloc
    return bytes;
}

}  // namespace genq::sandbox
