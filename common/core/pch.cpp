#include "common/core/pch.hpp"
