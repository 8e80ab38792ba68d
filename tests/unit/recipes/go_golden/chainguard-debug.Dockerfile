# Written by SlimDesk 0.1.0: chainguard for api (go)
# hadolint global ignore=DL3007

FROM golang:1.26-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/api ./cmd/api

FROM cgr.dev/chainguard/static:latest AS final
COPY --from=build /out/api /api
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="cgr.dev/chainguard/static:latest" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="chainguard" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/api"]

FROM busybox:1-musl AS shell

FROM final AS debug
COPY --from=shell /bin/ /busybox/
ENV PATH="$PATH:/busybox"
LABEL "io.slimdesk.debug"="true"

# slimdesk 0.1.0: go chainguard --component api --path . --debug --lines -g2ic..FHwRF.KTskg.CCcY0.RskeV.CnjrU.RGdxPUAL_qBg0..FbN5x.C-H5F.UD4PA.PhQH7.LgTJNsJYpOcTSkK9dxjc2zNbZ.EmQzd..FIixx..F_1Su.CtP2t.VdyFI.LfX1P.
