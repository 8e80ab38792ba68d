# Written by SlimDesk 0.1.0: slim for hello (cpp)

FROM gcc:14-trixie AS build
WORKDIR /src
COPY . .
RUN mkdir -p /out && \
    gcc -O2 -pthread -o /out/hello ./hello.c -lm && \
    strip /out/hello

FROM debian:trixie-slim AS final
COPY --from=build /out/hello /hello
USER 65532:65532
LABEL "org.opencontainers.image.title"="hello" \
    "org.opencontainers.image.base.name"="debian:trixie-slim" \
    "io.slimdesk.component"="hello" \
    "io.slimdesk.family"="slim" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/hello"]

# slimdesk 0.1.0: cpp slim --component hello --path . --lines .FWvKz.KTskg.CnjrU.ReAAYQkWje23X..F5jB5.Ctnb4.UD4PA.LfuYSht12z5HwmlLEzNbZ.Elq6p.
