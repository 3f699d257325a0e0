#pragma once
// The project's precompiled header and GoogleTest, for all test programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/pch.hpp"
