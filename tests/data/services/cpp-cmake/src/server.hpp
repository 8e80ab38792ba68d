#pragma once

#include <functional>
#include <string>

/// Answers HTTP on every address of this machine, one request after the other.
void serve(unsigned short port, const std::function<std::string(const std::string &)> &answer);
