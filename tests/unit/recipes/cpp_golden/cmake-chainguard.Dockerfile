# Written by SlimDesk 0.1.0: chainguard for shop (cpp)
# hadolint global ignore=DL3007,DL3008

FROM gcc:14-trixie AS build
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
RUN mkdir -p /out/libraries && \
    ldd /out/shop > /tmp/linked && \
    ! grep 'not found' /tmp/linked && \
    awk '$3 ~ "^/" && $3 !~ "/(ld-linux[^/]*|libc|libm|libdl|libpthread|librt|libresolv|libutil|libanl|libnss_[a-z]+|libstdc[+][+]|libgcc_s)[.]so" { sub("^/lib", "/usr/lib", $3); print $3 }' /tmp/linked > /tmp/libraries && \
    xargs -r -a /tmp/libraries cp -L -t /out/libraries

FROM cgr.dev/chainguard/glibc-dynamic:latest AS final
COPY --from=build /out/libraries/ /usr/local/lib/app/
ENV LD_LIBRARY_PATH="/usr/local/lib/app"
COPY --from=build /out/shop /shop
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="cgr.dev/chainguard/glibc-dynamic:latest" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="chainguard" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/shop"]

# slimdesk 0.1.0: cpp chainguard --component shop --path . --lines -voFa..FWvKz.R0H95BwCeWB3x.KTskg.CnjrU.RTzRa6hTOPquN8CRJryNvCeLz.RGd6wq_VgId-7GVVPoHV3..FcFu1.C-gnQ.V6Nzd.CjrbY.UD4PA.PhQH7.L9OoFveYEdOJpkK9dxjc2zNbZ.EkIvN.
