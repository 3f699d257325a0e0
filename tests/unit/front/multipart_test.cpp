#include "server/front/multipart.hpp"

#include <gtest/gtest.h>

#include "tests/support/await.hpp"

namespace genq::front {
namespace {

const std::string type = "multipart/form-data; boundary=\"b 1\"";

struct Part {
    std::string name;
    std::string filename;
    std::string bytes;
};

/// A body that comes in pieces of so many bytes.
class Sliced final : public http::BodyReader {
  public:
    Sliced(std::string body, std::size_t slice) : rest_(std::move(body)), slice_(slice) {}
    boost::asio::awaitable<Result<std::string>> next() override {
        auto piece = rest_.substr(0, slice_);
        rest_.erase(0, piece.size());
        co_return piece;
    }

  private:
    std::string rest_;
    std::size_t slice_;
};

boost::asio::awaitable<std::optional<std::vector<Part>>> parts_of(FormReader& form) {
    std::vector<Part> parts;
    for (;;) {
        const auto field = co_await form.next();
        if (!field) co_return std::nullopt;
        if (!*field) co_return parts;
        parts.push_back({(*field)->name, (*field)->filename, {}});
        for (std::string piece = "-"; !piece.empty();) {
            auto next = co_await form.read();
            if (!next) co_return std::nullopt;
            piece = *next;
            parts.back().bytes += piece;
        }
    }
}

/// The same whether the body is there or comes in pieces of any size.
std::optional<std::vector<Part>> read_form(std::string_view content_type, const std::string& body) {
    boost::asio::io_context io;
    FormReader form(content_type, body, nullptr);
    auto whole = genq::test::await(io, parts_of(form));
    for (const std::size_t slice : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{64}}) {
        Sliced pieces(body, slice);
        FormReader streamed(content_type, "", &pieces);
        const auto parts = genq::test::await(io, parts_of(streamed));
        EXPECT_EQ(parts.has_value(), whole.has_value()) << slice;
        for (std::size_t i = 0; parts && whole && i < parts->size(); ++i) {
            EXPECT_EQ((*parts)[i].bytes, whole->at(i).bytes) << slice;
            EXPECT_EQ((*parts)[i].name, whole->at(i).name) << slice;
        }
    }
    return whole;
}

TEST(Multipart, gives_fields_and_files_as_they_were_sent) {
    const std::string body =
        "preamble\r\n--b 1\r\nContent-Disposition: form-data; name=\"uploadPath\"\r\n\r\nimages\r\n"
        "--b 1  \r\ncontent-disposition: form-data; name=file; filename=\"a \\\"b\\\".png\"\r\n"
        "Content-Type: image/png\r\n\r\n\x89PNG\r\n\r\n--b\r\n--b 1--\r\nepilogue";
    const auto parts = read_form(type, body);
    ASSERT_TRUE(parts);
    ASSERT_EQ(parts->size(), 2U);
    EXPECT_EQ((*parts)[0].name, "uploadPath");
    EXPECT_EQ((*parts)[0].bytes, "images");
    EXPECT_EQ((*parts)[1].name, "file");
    EXPECT_EQ((*parts)[1].filename, "a \"b\".png");
    EXPECT_EQ((*parts)[1].bytes, "\x89PNG\r\n\r\n--b");
}

TEST(Multipart, refuses_what_is_cut_off_or_has_no_names) {
    const std::string whole = "--b 1\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nv\r\n--b 1--";
    ASSERT_TRUE(read_form(type, whole));
    for (std::size_t length = 0; length + 2 < whole.size(); ++length) {
        EXPECT_FALSE(read_form(type, whole.substr(0, length))) << length;
    }
    EXPECT_FALSE(read_form("application/json", whole));
    EXPECT_FALSE(read_form("multipart/form-data", whole));
    EXPECT_FALSE(read_form("multipart/form-data; boundary=" + std::string(71, 'b'), whole));
    EXPECT_FALSE(read_form(type, "--b 1\r\nContent-Type: text/plain\r\n\r\nv\r\n--b 1--"));
    EXPECT_FALSE(read_form(type, "--b 1\r\n\r\nv\r\n--b 1--"));
}

TEST(Multipart, passes_over_what_is_not_read) {
    boost::asio::io_context io;
    const std::string field = "--b 1\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nlong\r\n";
    Sliced pieces(field + field + "--b 1--", 5);
    FormReader form(type, "", &pieces);
    for (const bool is_there : {true, true, false}) {
        const auto next = genq::test::await(io, form.next());
        ASSERT_TRUE(next);
        EXPECT_EQ(next->has_value(), is_there);
    }
}

TEST(Multipart, takes_no_more_than_64_fields) {
    std::string body;
    for (int i = 0; i < 65; ++i) body += "--b 1\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nv\r\n";
    EXPECT_FALSE(read_form(type, body + "--b 1--"));
}

TEST(Multipart, holds_no_header_without_end) {
    boost::asio::io_context io;
    const std::string head = "--b 1\r\nContent-Disposition: form-data; name=\"x\"\r\nX: ";
    for (const auto& [length, fits] : {std::pair{std::size_t{1000}, true}, {std::size_t{40'000}, false}}) {
        Sliced pieces(head + std::string(length, 'h') + "\r\n\r\nv\r\n--b 1--", 512);
        FormReader form(type, "", &pieces);
        EXPECT_EQ(genq::test::await(io, form.next()).has_value(), fits) << length;
    }
}

}  // namespace
}  // namespace genq::front
