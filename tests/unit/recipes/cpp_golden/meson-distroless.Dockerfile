# Written by SlimDesk 0.1.0: distroless for shop (cpp)
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
RUN mkdir -p /out/libraries && \
    ldd /out/shop > /tmp/linked && \
    ! grep 'not found' /tmp/linked && \
    awk '$3 ~ "^/" && $3 !~ "/(ld-linux[^/]*|libc|libm|libdl|libpthread|librt|libresolv|libutil|libanl|libnss_[a-z]+|libstdc[+][+]|libgcc_s|libssl|libcrypto|libz|libzstd|libgomp)[.]so" { sub("^/lib", "/usr/lib", $3); print $3 }' /tmp/linked > /tmp/libraries && \
    xargs -r -a /tmp/libraries cp -L --parents -t /out/libraries

FROM gcr.io/distroless/cc-debian13:nonroot AS final
COPY --from=build /out/libraries/ /
COPY --from=build /out/shop /shop
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/cc-debian13:nonroot" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/shop"]

# slimdesk 0.1.0: cpp distroless --component shop --path . --lines -3j6y..FWvKz.R0H95fg5vWB3x.KTskg.CnjrU.RTzRa4CL3IRSG8CRJryNvCeLz.RGd6wq_VgId-72HOWUXZI..FPuO6.C4JBx.CjrbY.UD4PA.PhQH7.L9OoF5x1WdOJpxYDmxjc2zNbZ.EkIvN.
