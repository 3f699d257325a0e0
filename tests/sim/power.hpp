#pragma once
#include <map>
#include <string>

#include "tests/sim/dice.hpp"

namespace genq::sim {

/// The disk under SQLite, as a machine that loses its power leaves it. From install() on every database of this process
/// goes through it: what is written reaches the file at once, for a killed process keeps that, and is remembered until
/// the next sync of the file. (No sync reaches the real disk.) Any thread.
///
/// That a file exists, or was deleted, counts as known to the disk: SQLite syncs the folder for it.
class Power {
  public:
    /// Once is enough; again does no harm.
    static void install();

    /// The contents of the database files in `folder`, by path, were the power lost now: each write that no sync
    /// followed is lost, there, or there in part, in sectors.
    [[nodiscard]] static std::map<std::string, std::string> left(const std::string& folder, Dice dice);
    /// Makes these the contents once nothing has the files open: those that the closing left, and their shared memory,
    /// go.
    static void restore(const std::string& folder, const std::map<std::string, std::string>& contents);
};

}  // namespace genq::sim
