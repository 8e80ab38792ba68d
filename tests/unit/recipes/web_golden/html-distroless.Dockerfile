FROM --platform=$BUILDPLATFORM busybox:1-musl AS config
RUN printf '%s\n' \
    '[general]' \
    'port = 8080' \
    'root = "/public"' \
    'log-level = "warn"' \
    'cache-control-headers = false' \
    'compression = true' \
    'page404 = "/public/404.html"' \
    '[[advanced.headers]]' \
    'source = "/**"' \
    'headers = { Cache-Control = "no-cache" }' \
    > /server.toml

FROM joseluisq/static-web-server:2 AS server

FROM gcr.io/distroless/static-debian13:nonroot AS final
COPY --from=server /static-web-server /static-web-server
COPY --from=config /server.toml /server.toml
COPY . /public/
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="web-html" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/static-debian13:nonroot" \
    "io.slimdesk.component"="web-html" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/static-web-server", "--config-file", "/server.toml"]
