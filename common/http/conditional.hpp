#pragma once
#include <string_view>

namespace genq::http {

/// True when If-None-Match names `etag` (quotes included, as it stands in ETag) or is `*`: a GET is answered by 304.
/// Weak comparison (RFC 9110 §13.1.2, §8.8.3.2). "" for no header: false.
[[nodiscard]] bool none_match_names(std::string_view if_none_match, std::string_view etag);

/// True when If-Match allows to go on: it names `etag`, both strong, or is `*` (RFC 9110 §13.1.1); else 412. Call it
/// only for a request that has the field.
[[nodiscard]] bool match_holds(std::string_view if_match, std::string_view etag);

/// True when a Range may be served: there is no If-Range, or it is `etag`, both strong (RFC 9110 §13.1.5). A date never
/// matches: what is told apart by an ETag of its content is not told apart by seconds.
[[nodiscard]] bool if_range_holds(std::string_view if_range, std::string_view etag);

}  // namespace genq::http
