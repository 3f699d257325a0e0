#include "server/front/multipart.hpp"

#include <gtest/gtest.h>

namespace genq::front {
namespace {

const std::string type = "multipart/form-data; boundary=\"b 1\"";

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

TEST(Multipart, takes_no_more_than_64_fields) {
    std::string body;
    for (int i = 0; i < 65; ++i) body += "--b 1\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nv\r\n";
    EXPECT_FALSE(read_form(type, body + "--b 1--"));
}

}  // namespace
}  // namespace genq::front
