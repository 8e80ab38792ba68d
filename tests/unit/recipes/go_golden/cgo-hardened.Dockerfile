# Written by SlimDesk 0.1.0: hardened for api (go)

FROM golang:1.26-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=1 go build -trimpath -ldflags="-s -w" -o /out/api ./cmd/api

FROM dhi.io/static:20250419-glibc-debian13 AS final
COPY --from=build /out/api /api
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="dhi.io/static:20250419-glibc-debian13" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="hardened" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/api"]

# slimdesk 0.1.0: go hardened --component api --path . --lines .FHwRF.KTskg.CCcY0.RskeV.CnjrU.RGdxPUAL_7dZP..F100k.C-H5F.UD4PA.PhQH7.LgTJN63xaOcTSn78txjc2zNbZ.EmQzd.
