# Written by SlimDesk 0.1.0: chainguard for hello (cpp)
# hadolint global ignore=DL3007

FROM gcc:14-trixie AS build
WORKDIR /src
COPY . .
RUN mkdir -p /out && \
    gcc -O2 -static -pthread -o /out/hello ./hello.c -lm && \
    strip /out/hello && \
    readelf -lW /out/hello > /tmp/headers && \
    ! grep INTERP /tmp/headers

FROM cgr.dev/chainguard/static:latest AS final
COPY --from=build /out/hello /hello
USER 65532:65532
LABEL "org.opencontainers.image.title"="hello" \
    "org.opencontainers.image.base.name"="cgr.dev/chainguard/static:latest" \
    "io.slimdesk.component"="hello" \
    "io.slimdesk.family"="chainguard" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/hello"]

# slimdesk 0.1.0: cpp chainguard --component hello --path . --lines -g2ic..FWvKz.KTskg.CnjrU.ReAAYPHZxvHdxwxmKLXfa..FbN5x.Ctnb4.UD4PA.LfuYSsJYpz5HwkK9dzNbZ.Elq6p.
