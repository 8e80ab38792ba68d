#include "server.hpp"

#include <csignal>
#include <cstdlib>
#include <curl/curl.h>
#include <iostream>
#include <sqlite3.h>
#include <zlib.h>

constexpr int default_port = 8080;

static std::string versions()
{
    return std::string("zlib ") + zlibVersion() + ", SQLite " + sqlite3_libversion() + ", " + curl_version() + "\n";
}

int main()
{
    std::signal(SIGTERM, [](int) { std::_Exit(0); });
    const char *wanted = std::getenv("PORT");
    const int port = wanted ? std::atoi(wanted) : default_port;
    std::cout << "listening on " << port << std::endl;
    serve(static_cast<unsigned short>(port), [](const std::string &path) { return path == "/healthz" ? std::string("ok") : versions(); });
}
