# Written by SlimDesk 0.1.0: full for hello (cpp)

FROM gcc:14-trixie AS build
WORKDIR /src
COPY . .
RUN mkdir -p /out && \
    gcc -O2 -pthread -o /out/hello ./hello.c -lm && \
    strip /out/hello

FROM gcc:14-trixie AS final
COPY --from=build /out/hello /hello
USER 65532:65532
LABEL "org.opencontainers.image.title"="hello" \
    "org.opencontainers.image.base.name"="gcc:14-trixie" \
    "io.slimdesk.component"="hello" \
    "io.slimdesk.family"="full" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/hello"]

# slimdesk 0.1.0: cpp full --component hello --path . --lines .FWvKz.KTskg.CnjrU.ReAAYQkWje23X..F8Adu.Ctnb4.UD4PA.LfuYSE30-z5HwDfS1zNbZ.Elq6p.
