# Written by SlimDesk 0.1.0: distroless for hello (cpp)
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
RUN mkdir -p /out/libraries && \
    ldd /out/hello > /tmp/linked && \
    ! grep 'not found' /tmp/linked && \
    awk '$3 ~ "^/" && $3 !~ "/(ld-linux[^/]*|libc|libm|libdl|libpthread|librt|libresolv|libutil|libanl|libnss_[a-z]+|libssl|libcrypto|libz|libzstd)[.]so" { sub("^/lib", "/usr/lib", $3); print $3 }' /tmp/linked > /tmp/libraries && \
    xargs -r -a /tmp/libraries cp -L --parents -t /out/libraries

FROM gcr.io/distroless/base-debian13:nonroot AS final
COPY --from=build /out/libraries/ /
COPY --from=build /out/hello /hello
USER 65532:65532
LABEL "org.opencontainers.image.title"="hello" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/base-debian13:nonroot" \
    "io.slimdesk.component"="hello" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/hello"]

# slimdesk 0.1.0: cpp distroless --component hello --path . --lines -3j6y..FWvKz.R0H95Kg1nWB3x.KTskg.CnjrU.RTzRaf64NiNoi8VUR8CRJsRgCe23X.RGd6wYJvMId-7y1J5UXZI..F8pC9.C4JBx.Ctnb4.UD4PA.LfuYSBrePz5HwxYDmzNbZ.Elq6p.
