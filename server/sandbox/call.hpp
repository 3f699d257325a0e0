#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/server.hpp"
#include "common/http/url.hpp"
#include "server/sandbox/tasks.hpp"

namespace genq::sandbox {

/// A file that was fetched for an upload by URL.
struct Fetched {
    bool ok = false;
    std::string bytes;
    std::string content_type;
};

/// One API request on its way through a handler.
struct Call {
    const http::Request& request;
    const http::Target& target;
    std::string path;
    const boost::json::object& body;  ///< empty with GET and with multipart
    Moment now;
    std::string origin;  ///< "http://host:port" as the client wrote it: what media URLs begin with
    const Fetched* fetched = nullptr;

    // What the handler asks for.
    std::vector<std::string> made;  ///< ids of new tasks
    std::string fetch_url;          ///< to be called again with what is there
};

/// kie.ai's way of saying no: a `code` in the envelope.
struct ApiError {
    int code = 500;
    std::string msg;
    boost::json::value data = nullptr;
};
template <class T>
using Answer = std::expected<T, ApiError>;

/// `return refuse(…)` in a function that returns an Answer.
[[nodiscard]] std::unexpected<ApiError> refuse(int code, std::string msg, boost::json::value data = nullptr);

/// `{"code":200,"msg":"success","data":…}`.
[[nodiscard]] boost::json::object envelope(Answer<boost::json::value> answer);

/// The string at `key`, or "".
[[nodiscard]] std::string text_at(const boost::json::object& object, std::string_view key);
/// The strings of the list at `key`; a string alone is a list of one.
[[nodiscard]] std::vector<std::string> texts_at(const boost::json::object& object, std::string_view key);
/// A whole number at `key`, also one written as text; nullopt for anything else.
[[nodiscard]] std::optional<std::int64_t> number_at(const boost::json::object& object, std::string_view key);
[[nodiscard]] bool flag_at(const boost::json::object& object, std::string_view key);
/// 422 when a key is absent, null, an empty string or an empty list.
[[nodiscard]] Answer<void> require(const boost::json::object& object, std::initializer_list<std::string_view> keys);
[[nodiscard]] bool is_filled(const boost::json::object& object, std::string_view key);

/// `2025-06-06 10:25:00`, as several families write times (UTC).
[[nodiscard]] std::string spaced_time(WallTime time);
/// `2025-06-06T10:25:00Z`.
[[nodiscard]] std::string iso_time(WallTime time);

}  // namespace genq::sandbox
