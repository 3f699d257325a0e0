#pragma once

namespace genq::sim {

/// Prints how learned polling does beside fixed intervals, on a virtual clock: the same numbers on every machine.
void print_polling_report();

}  // namespace genq::sim
