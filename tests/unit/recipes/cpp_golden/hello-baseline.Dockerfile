# Written by SlimDesk 0.1.0: baseline for hello (cpp)

FROM gcc:14-trixie AS final
WORKDIR /src
COPY . .
RUN mkdir -p /out && \
    gcc -O2 -pthread -o /out/hello ./hello.c -lm && \
    strip /out/hello
LABEL "org.opencontainers.image.title"="hello" \
    "org.opencontainers.image.base.name"="gcc:14-trixie" \
    "io.slimdesk.component"="hello" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/out/hello"]

# slimdesk 0.1.0: cpp baseline --component hello --path . --lines .F8Adu.KTskg.CnjrU.ReAAYQkWje23X.LfuYSE30-z5HwsiZqzNbZ.E5UqM.
