# Written by SlimDesk 0.1.0: chainguard for shop (php)
# hadolint global ignore=DL3007

FROM cgr.dev/chainguard/php:latest AS final
WORKDIR /app
COPY . .
USER 65532:65532
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="cgr.dev/chainguard/php:latest" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="chainguard" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/bin/php", "main.php"]

# slimdesk 0.1.0: php chainguard --component shop --path . --lines -g2ic..F8RPv.K2HNq.CnjrU.UD4PA.L9OoFlqPMdOJpkK9dzNbZ.EJizV.
