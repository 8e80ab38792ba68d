# Written by SlimDesk 0.1.0: distroless for api (go)

FROM golang:1.26-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/api ./cmd/api

FROM gcr.io/distroless/static-debian13:nonroot AS final
COPY --from=build /out/api /api
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/static-debian13:nonroot" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/api"]

FROM gcr.io/distroless/static-debian13:debug-nonroot AS debug
COPY --from=build /out/api /api
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/static-debian13:debug-nonroot" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/api"]
LABEL "io.slimdesk.debug"="true"

# slimdesk 0.1.0: go distroless --component api --path . --debug --lines .FHwRF.KTskg.CCcY0.RskeV.CnjrU.RGdxPUAL_qBg0..FOpYk.C-H5F.UD4PA.PhQH7.LgTJNycbYOcTSxYDmxjc2zNbZ.EmQzd..F2Jx0.C-H5F.UD4PA.PhQH7.LgTJN2fMMOcTSxYDmxjc2zNbZ.EmQzd.LfX1P.
