# Written by SlimDesk 0.1.0: scratch for api (go)

FROM golang:1.26-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/api ./cmd/api

FROM build AS rootfs
RUN mkdir -p /rootfs/etc /rootfs/tmp && \
    chmod 1777 /rootfs/tmp

FROM scratch AS final
COPY --from=rootfs /rootfs/ /
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/api /api
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="scratch" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/api"]

# slimdesk 0.1.0: go scratch --component api --path . --lines .FHwRF.KTskg.CCcY0.RskeV.CnjrU.RGdxPUAL_qBg0..FUW98.RVhSROaqA..F0jyE.Com7r.CXToD.C-H5F.UD4PA.PhQH7.LgTJNOcTSZkS9xjc2zNbZ.EmQzd.
