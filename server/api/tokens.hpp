#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/domain/budget.hpp"

namespace genq::api {

/// What a token allows (API.md). A token has any of them, none includes another.
enum class Scope : std::uint8_t {
    submit = 1,  ///< create jobs; cancel, retry and delete its own
    read = 2,    ///< every GET
    admin = 4,   ///< others' jobs, pause and resume
};
inline constexpr std::array all_scopes{Scope::submit, Scope::read, Scope::admin};
[[nodiscard]] std::string_view to_string(Scope scope);
[[nodiscard]] std::optional<Scope> scope_from(std::string_view text);

/// A set of scopes.
class Scopes {
  public:
    Scopes() = default;
    Scopes(std::initializer_list<Scope> scopes) {
        for (const Scope scope : scopes) add(scope);
    }
    void add(Scope scope) { bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(scope)); }
    [[nodiscard]] bool has(Scope scope) const { return (bits_ & static_cast<std::uint8_t>(scope)) != 0; }
    [[nodiscard]] bool empty() const { return bits_ == 0; }
    [[nodiscard]] bool operator==(const Scopes&) const = default;

  private:
    std::uint8_t bits_ = 0;
};

/// A token as it is configured: its text is known to its bearer alone.
struct Token {
    std::string name;
    std::string sha256;  ///< of the token's text; 64 lower-case hex digits
    Scopes scopes;
    Budget budget{};  ///< of its own
};

/// `[budget]`: what all callers share.
struct DaemonBudget {
    Budget budget{};
    Millicredits unknown_credits = 50'000;
};

/// The tokens of one configuration, and what they may use. Immutable; a reload makes a new one. Any thread.
class TokenSet {
  public:
    TokenSet() = default;
    explicit TokenSet(std::vector<Token> tokens, const DaemonBudget& daemon = {})
        : tokens_(std::move(tokens)), daemon_(daemon) {}

    /// True: nobody has to say who they are.
    [[nodiscard]] bool empty() const { return tokens_.empty(); }
    /// The token whose text was presented, or nullptr. Takes a time that does not depend on which one matches.
    [[nodiscard]] const Token* find(std::string_view bearer) const;

    /// What a job of `caller` has to fit into. `price`: the catalogue's, in credits.
    [[nodiscard]] Admission admission(std::string_view caller, std::optional<double> price) const;

  private:
    std::vector<Token> tokens_;
    DaemonBudget daemon_;
};

}  // namespace genq::api
