#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/domain/job.hpp"

/// Outputs and text results in kie.ai's records.
///
/// Output::role, the whole list:
///   image, video, audio      what the task was asked for
///   file                     the same, of a kind that neither family nor name tells
///   full_video               the whole joined film of a Veo extension, beside the new part (video)
///   first_frame, last_frame  pictures that Seedance gives beside its video
///   mask                     masks of a text-like answer (OmniHuman)
///   vocal, instrumental      the halves of a vocal removal
///
/// TaskReport::result, an object with one member:
///   {"tracks": [{"id", "title", "tags", "duration_s", "lyrics", "output"}]}  Suno; what is not known is null; `output`
///                                                     is the index of the track's file, null while it has none
///   {"lyrics": [{"title", "text"}]}                   the variants that succeeded
///   {"object": {…}}                                   a text answer as kie.ai gave it: a transcript
namespace genq::upstream {

/// The role that a family's outputs have; `by_name` takes it from the URL's file name.
inline constexpr std::string_view by_name = "";

/// Adds the http(s) URLs of `value`: a text, a list of texts, an object or a list of objects that hold one (resultUrl,
/// url, audioUrl, videoUrl, imageUrl and their snake_case forms), or the JSON text of those. URLs that are there
/// already are left out. Indexes are set.
void add_outputs(std::vector<Output>& outputs, const boost::json::value* value, std::string_view role);

/// Looks in every place where some family, page or client has put results (api pages, 2025 to 2026). `role` image,
/// video or audio keeps covers and other by-products out; by_name takes all. Places of inputs, originals, watermarked
/// copies, covers and streams are never read.
void add_outputs_from_anywhere(std::vector<Output>& outputs, const boost::json::object& record, std::string_view role);

/// Suno's tracks: adds the files that are there to `outputs` and describes all tracks, those still without a file too.
/// nullopt when the value holds none.
[[nodiscard]] std::optional<boost::json::value> add_tracks(std::vector<Output>& outputs,
                                                           const boost::json::value* tracks);

/// The lyrics that succeeded, or nullopt.
[[nodiscard]] std::optional<boost::json::value> lyrics_in(const boost::json::value* variants);

}  // namespace genq::upstream
