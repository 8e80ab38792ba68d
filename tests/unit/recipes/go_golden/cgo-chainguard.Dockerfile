# Written by SlimDesk 0.1.0: chainguard for api (go)
# hadolint global ignore=DL3007

FROM golang:1.26-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=1 go build -trimpath -ldflags="-s -w" -o /out/api ./cmd/api

FROM cgr.dev/chainguard/glibc-dynamic:latest AS final
COPY --from=build /out/api /api
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="cgr.dev/chainguard/glibc-dynamic:latest" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="chainguard" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/api"]

# slimdesk 0.1.0: go chainguard --component api --path . --lines -g2ic..FHwRF.KTskg.CCcY0.RskeV.CnjrU.RGdxPUAL_7dZP..FcFu1.C-H5F.UD4PA.PhQH7.LgTJNveYEOcTSkK9dxjc2zNbZ.EmQzd.
