# Written by SlimDesk 0.1.0: alpine for shop (cpp)
# hadolint global ignore=DL3018

FROM alpine:3.24 AS build
RUN apk add --no-cache build-base cmake samurai curl-dev sqlite-dev
WORKDIR /src
COPY . .
RUN mkdir -p /build && \
    cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF && \
    cmake --build /build && \
    mkdir -p /out && \
    find /build /src -type f -name shop -perm -u=x -exec cp '{}' /out/ ';' && \
    strip /out/shop

FROM alpine:3.24 AS final
RUN apk add --no-cache libstdc++ libcurl sqlite-libs
COPY --from=build /out/shop /shop
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="alpine:3.24" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="alpine" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/shop"]

# slimdesk 0.1.0: cpp alpine --component shop --path . --lines -rAIR..F-1uA.RawNT.KTskg.CnjrU.RTzRa6hTOPquN8CRJryNvCeLz..FQrxm.R0GMt.CjrbY.UD4PA.PhQH7.L9OoFqwYfdOJpAxMqxjc2zNbZ.EkIvN.
