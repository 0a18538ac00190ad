// What a target may say of its format.
#pragma once

#include <string>

// A copy of the input with some changes that the format survives. The driver's own, for a target without one, makes
// none. (A function of ours and not LLVMFuzzerCustomMutator, whose result has a largest size.)
std::string easel_change(const std::string& input, int changes, unsigned seed);
