#include "server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

void serve(unsigned short port, const std::function<std::string(const std::string &)> &answer)
{
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons(port);
    if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 || listen(listener, 16) != 0)
        throw std::runtime_error("the port is taken");
    for (;;) {
        const int client = accept(listener, nullptr, nullptr);
        if (client < 0)
            continue;
        char request[4096];
        const ssize_t length = read(client, request, sizeof request);
        const std::string line(request, length > 0 ? length : 0);
        const auto start = line.find(' ') + 1;
        const std::string body = answer(line.substr(start, line.find(' ', start) - start));
        const std::string reply = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: " +
                                  std::to_string(body.size()) + "\r\n\r\n" + body;
        (void)!write(client, reply.data(), reply.size());
        close(client);
    }
}
