# Written by SlimDesk 0.1.0: full for api (go)

FROM golang:1.26-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/api ./cmd/api

FROM golang:1.26-trixie AS final
COPY --from=build /out/api /api
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="golang:1.26-trixie" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="full" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/api"]

FROM final AS debug
LABEL "io.slimdesk.debug"="true"

# slimdesk 0.1.0: go full --component api --path . --debug --lines .FHwRF.KTskg.CCcY0.RskeV.CnjrU.RGdxPUAL_qBg0..Fgo6s.C-H5F.UD4PA.PhQH7.LgTJNl5HgOcTSDfS1xjc2zNbZ.EmQzd..F_1Su.LfX1P.
