#pragma once
#include <string>

#include "server/sandbox/canvas.hpp"

namespace genq::sandbox {

/// The pieces of a constrained-baseline H.264 stream of one size (ITU-T H.264, 08/2021), each a NAL unit without start
/// code. Sizes are multiples of 16.
namespace h264 {

/// The sequence parameter set.
[[nodiscard]] std::string sequence_parameters(int width, int height);
[[nodiscard]] std::string picture_parameters();
/// A picture of its own, every macroblock sent as plain samples (I_PCM): big, and nothing can be wrong with it.
[[nodiscard]] std::string key_picture(const Canvas& canvas);
/// The picture before, once more: every macroblock is skipped. `number` counts from 1 after the key picture.
[[nodiscard]] std::string repeated_picture(int width, int height, unsigned number);

}  // namespace h264
}  // namespace genq::sandbox
