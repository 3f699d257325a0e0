#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/error.hpp"
#include "common/core/random.hpp"
#include "server/api/tokens.hpp"

namespace genq::app {

/// The [[tokens]] entries of the tokens file; none if there is no file, or `file` is "". errc::invalid_argument names
/// file, line and what is wrong.
[[nodiscard]] Result<std::vector<api::Token>> load_tokens(const std::string& file);
/// The same from text.
[[nodiscard]] Result<std::vector<api::Token>> parse_tokens(std::string_view toml, std::string_view name);
/// Replaces the file in one step. It keeps its owner and mode; a new one is for its owner only, and of root's for the
/// group of its folder too. errc::io names the file.
[[nodiscard]] Result<void> save_tokens(const std::string& file, const std::vector<api::Token>& tokens);
/// Reads the file, has it changed and saves it, while nobody else does so. An error of `change` leaves it as it was.
/// Blocks.
[[nodiscard]] Result<void> update_tokens(const std::string& file,
                                         const std::function<Result<void>(std::vector<api::Token>&)>& change);

/// A fresh token and its entry.
struct NewToken {
    std::string token;  ///< shown once, never kept
    api::Token entry;
};
/// errc::invalid_argument: a name that is not 1–64 letters, digits, `.`, `_` or `-`, or an unknown scope; no scopes
/// mean submit and read.
[[nodiscard]] Result<NewToken> make_token(Random& random, std::string name, const std::vector<std::string>& scopes);

}  // namespace genq::app
