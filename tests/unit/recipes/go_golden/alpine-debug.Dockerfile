# Written by SlimDesk 0.1.0: alpine for api (go)

FROM golang:1.26-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/api ./cmd/api

FROM alpine:3.24 AS final
COPY --from=build /out/api /api
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="alpine:3.24" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="alpine" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/api"]

FROM final AS debug
LABEL "io.slimdesk.debug"="true"

# slimdesk 0.1.0: go alpine --component api --path . --debug --lines .FHwRF.KTskg.CCcY0.RskeV.CnjrU.RGdxPUAL_qBg0..FQrxm.C-H5F.UD4PA.PhQH7.LgTJNqwYfOcTSAxMqxjc2zNbZ.EmQzd..F_1Su.LfX1P.
