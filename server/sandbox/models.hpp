#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace genq::sandbox {

/// What a Market model makes.
enum class MarketKind {
    image,
    video,
    audio,
    transcript,  ///< text in `resultObject`, no file
    tracks,      ///< Suno through the Market: two tracks in `data`
};

/// A Market model as the stand-in knows it.
struct MarketModel {
    std::string_view slug;
    MarketKind kind = MarketKind::image;
    std::pair<double, double> seconds{5, 10};  ///< typical running time
    double price = 8;                          ///< credits a task; invented, but in proportion
    std::string_view required;                 ///< fields of `input` that must be there, separated by commas
};

/// The model of that id: from the built-in list, or guessed for an unknown id with a slash (its words tell video and
/// sound from pictures); nullopt for anything else, which kie.ai refuses.
[[nodiscard]] std::optional<MarketModel> market_model(const std::string& slug);

}  // namespace genq::sandbox
