#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/server.hpp"

namespace genq::front {

/// The fields of a `multipart/form-data` body (RFC 7578), one after the other, while the body arrives: it holds no more
/// than the piece that came last and a field's header (16 KiB). At most 64 fields. Errors: errc::malformed for what is
/// no form or breaks off, and those of the stream. On the connection's strand.
class FormReader {
  public:
    struct Field {
        std::string name;
        std::string filename;  ///< "" for a plain field
    };
    /// `body`: what is there already; `stream`: what is still to come, or nullptr. Must outlive this.
    FormReader(std::string_view content_type, std::string body, http::BodyReader* stream);

    /// The next field; nullopt after the last. What was not read of the one before is passed over.
    [[nodiscard]] boost::asio::awaitable<Result<std::optional<Field>>> next();
    /// The next bytes of the field's value; "" at its end.
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> read();

  private:
    /// One more piece of the body; false at its end.
    [[nodiscard]] boost::asio::awaitable<Result<bool>> fill();
    /// Where `text` stands first; it has to begin within so many bytes, and a piece more.
    [[nodiscard]] boost::asio::awaitable<Result<std::size_t>> find(std::string_view text, std::size_t at_most);

    std::string buffer_;     // begins with a line's end, so that the first delimiter is like the others
    std::string delimiter_;  // the line's end before it included; "" for what is no form
    http::BodyReader* stream_;
    std::size_t fields_ = 0;
    bool in_field_ = false;
};

}  // namespace genq::front
