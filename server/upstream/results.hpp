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
///   text, json               what genqd writes itself of a result that is text (DESIGN.md, "Results that are text")
///
/// TaskReport::result, an object with one member (openapi.json, `Result`); what is not known is null:
///   {"tracks": [{"id", "title", "tags", "duration_s", "lyrics", "output"}]}  Suno; `output` is the index
///                                                     of the track's file, null while it has none
///   {"lyrics": [{"title", "text"}]}                   the variants that succeeded
///   {"transcript": {"text", "language_code", "words": [{"text", "type", "start_s", "end_s", "speaker_id"}], …}}
///                                                     speech as text; what else kie.ai says stays under its own name
///   {"object": {…}}                                   any other text answer, as kie.ai gave it
///   {"generation": {"resolution", "seeds"}}           what kie.ai says of a picture or film beside its files
namespace genq::upstream {

/// The role that a family's outputs have; `by_name` takes it from the URL's file name.
inline constexpr std::string_view by_name;  // empty

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

/// An answer of kie.ai's `resultObject`: a transcript if it looks like one, else the object.
[[nodiscard]] boost::json::value answer_in(const boost::json::object& answer);

/// Resolution and seeds as `place` (a record's response, a callback's info, resultJson) has them; nullopt for neither.
[[nodiscard]] std::optional<boost::json::value> generation_in(const boost::json::object& place);

/// A result that is text to read, as plain text that ends with a newline: lyrics, a transcript, an answer with a
/// `text`. nullopt for results that only describe files.
[[nodiscard]] std::optional<std::string> text_of_result(const boost::json::value& result);

/// The lyrics that succeeded, or nullopt.
[[nodiscard]] std::optional<boost::json::value> lyrics_in(const boost::json::value* variants);

}  // namespace genq::upstream
