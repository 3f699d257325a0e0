#pragma once
#include "server/polling/bins.hpp"

namespace genq::polling {

/// How long tasks of a model take, T, as a distribution: what the choice of query times and all estimates rest on
/// (DESIGN.md, "Polling"). Immutable; all times in seconds since the task was made.
class Law {
  public:
    /// `hazard`: for each bin the chance that a task that lives at its start is done by its end; the last one's is
    /// taken for 1, so that everything ends.
    explicit Law(const Bins& hazard);

    /// P(T <= t).
    [[nodiscard]] double cdf(double t) const { return 1 - survival(t); }
    /// P(T > t).
    [[nodiscard]] double survival(double t) const;
    /// The rate at which a task that lives at `t` finishes then, 1/s.
    [[nodiscard]] double hazard(double t) const;
    [[nodiscard]] double mean() const { return left_[0]; }
    /// The t with P(T <= t | T > age) = p.
    [[nodiscard]] double quantile(double p, double age = 0) const;
    /// P(T <= t | T > looked): the chance that a query at `t` finds a task done that was not at `looked` <= t.
    [[nodiscard]] double done_by(double t, double looked) const;
    /// E[(t − T)⁺ | T > looked]: for how long, on average, such a task has been done unnoticed at `t`.
    [[nodiscard]] double unnoticed(double t, double looked) const;
    /// The unnoticed seconds for each request that would be wasted: unnoticed / (1 − done_by). A request that finds
    /// the task done costs nothing, since one such has to be sent in any case.
    [[nodiscard]] double worth(double t, double looked) const;
    /// When the worth of a query reaches `price` (seconds a wasted request).
    [[nodiscard]] double worth_asking_at(double price, double looked) const;
    /// The share of its way that a task has gone at the age `t`: E[min(T, t)] / E[T]. Rises with t, from 0 to 1.
    [[nodiscard]] double progress(double t) const;

  private:
    /// E[(T − t)⁺] = ∫ survival from t on: no difference of large numbers, however far out t is.
    [[nodiscard]] double left(double t) const;

    std::array<double, bin_count + 1> survival_{};  // at the edges
    std::array<double, bin_count + 1> left_{};
};

}  // namespace genq::polling
