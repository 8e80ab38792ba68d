FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS web-dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund

FROM web-dependencies AS web
COPY . ./
ARG VITE_API_URL
RUN npm run build

FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS config
RUN printf '%s\n' \
    '[general]' \
    'port = 8080' \
    'root = "/public"' \
    'log-level = "warn"' \
    'cache-control-headers = false' \
    'compression = true' \
    '[[advanced.headers]]' \
    'source = "/**"' \
    'headers = { Cache-Control = "no-cache" }' \
    '[[advanced.headers]]' \
    'source = "/assets/**"' \
    'headers = { Cache-Control = "public, max-age=3600" }' \
    '[[advanced.rewrites]]' \
    'source = "/**/*.*"' \
    "destination = \"\$0\"" \
    '[[advanced.rewrites]]' \
    'source = "/**"' \
    'destination = "/index.html"' \
    > /server.toml

FROM joseluisq/static-web-server:2 AS server

FROM gcr.io/distroless/static-debian13:nonroot AS final
COPY --from=server /static-web-server /static-web-server
COPY --from=config /server.toml /server.toml
COPY --from=web /app/site/ /public/
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="web-vite-react" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/static-debian13:nonroot" \
    "io.slimdesk.component"="web-vite-react" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/static-web-server", "--config-file", "/server.toml"]
