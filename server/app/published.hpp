#pragma once
#include <memory>
#include <mutex>

namespace genq::app {

/// An immutable value that is replaced as a whole, at a reload. Readers keep the one they got. Any thread.
template <class T>
class Published {
  public:
    explicit Published(std::shared_ptr<const T> value) : value_(std::move(value)) {}
    [[nodiscard]] std::shared_ptr<const T> get() const {
        const std::lock_guard lock(mutex_);
        return value_;
    }
    void set(std::shared_ptr<const T> value) {
        const std::lock_guard lock(mutex_);
        value_.swap(value);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const T> value_;
};

}  // namespace genq::app
