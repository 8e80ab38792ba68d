# Written by SlimDesk 0.1.0: slim for hello (cpp)
# hadolint global ignore=DL3008

FROM gcc:14-trixie AS build
RUN apt-get update && \
    apt-get install -y --no-install-recommends zlib1g-dev && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN mkdir -p /build && \
    autoreconf --force --install && \
    sh ./configure --disable-shared && \
    make -j"$(nproc)" && \
    mkdir -p /out && \
    find /build /src -type f -name hello -perm -u=x -exec cp '{}' /out/ ';' && \
    strip /out/hello

FROM debian:trixie-slim AS final
RUN apt-get update && \
    apt-get install -y --no-install-recommends zlib1g && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /out/hello /hello
USER 65532:65532
LABEL "org.opencontainers.image.title"="hello" \
    "org.opencontainers.image.base.name"="debian:trixie-slim" \
    "io.slimdesk.component"="hello" \
    "io.slimdesk.family"="slim" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/hello"]

# slimdesk 0.1.0: cpp slim --component hello --path . --lines -3j6y..FWvKz.R0H95Kg1nWB3x.KTskg.CnjrU.RTzRaf64NiNoi8VUR8CRJsRgCe23X..F5jB5.R0H95U3XpWB3x.Ctnb4.UD4PA.LfuYSht12z5HwmlLEzNbZ.Elq6p.
