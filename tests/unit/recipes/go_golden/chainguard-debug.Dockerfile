# slimdesk 0.1.0: go chainguard --component api --path . --debug --lines .HwRF.Tskg.CcY0.skeV.njrU.GdxPUAL_qBg0..bN5x.-H5F.D4PA.hQH7.gTJNsJYpOcTSkK9dxjc2zNbZ.mQzd..Iixx.._1Su.tP2t.dyFI.fX1P

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
