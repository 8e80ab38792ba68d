# Written by SlimDesk 0.1.0: slim for shop (cpp)
# hadolint global ignore=DL3008

FROM gcc:14-trixie AS build
RUN apt-get update && \
    apt-get install -y --no-install-recommends meson ninja-build pkg-config libcurl4-openssl-dev libsqlite3-dev && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN mkdir -p /build && \
    meson setup /build --buildtype=release --default-library=static && \
    meson compile -C /build && \
    mkdir -p /out && \
    find /build /src -type f -name shop -perm -u=x -exec cp '{}' /out/ ';' && \
    strip /out/shop

FROM debian:trixie-slim AS final
RUN apt-get update && \
    apt-get install -y --no-install-recommends libcurl4t64 libsqlite3-0 && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/shop /shop
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="debian:trixie-slim" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="slim" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/shop"]

# slimdesk 0.1.0: cpp slim --component shop --path . --lines -3j6y..FWvKz.R0H95fg5vWB3x.KTskg.CnjrU.RTzRa4CL3IRSG8CRJryNvCeLz..F5jB5.R0H95DzSqWB3x.CXToD.CjrbY.UD4PA.PhQH7.L9OoFht12dOJpmlLExjc2zNbZ.EkIvN.
