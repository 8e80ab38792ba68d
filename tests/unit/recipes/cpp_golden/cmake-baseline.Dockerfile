# Written by SlimDesk 0.1.0: baseline for shop (cpp)

FROM gcc:14-trixie AS final
RUN apt-get update && \
    apt-get install -y --no-install-recommends cmake ninja-build libcurl4-openssl-dev libsqlite3-dev && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN mkdir -p /build && \
    cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF && \
    cmake --build /build && \
    mkdir -p /out && \
    find /build /src -type f -name shop -perm -u=x -exec cp '{}' /out/ ';' && \
    strip /out/shop
EXPOSE 8080
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="gcc:14-trixie" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/out/shop"]

# slimdesk 0.1.0: cpp baseline --component shop --path . --lines .F8Adu.R0H95BwCeWB3x.KTskg.CnjrU.RTzRa6hTOPquN8CRJryNvCeLz.PhQH7.L9OoFE30-dOJpsiZqxjc2zNbZ.E4wtz.
