# Written by SlimDesk 0.1.0: alpine for shop (php)

FROM composer:2 AS vendor
WORKDIR /app
ENV COMPOSER_CACHE_DIR="/tmp/composer" COMPOSER_ALLOW_SUPERUSER="1"
COPY composer.json composer.lock ./
RUN --mount=type=cache,target=/tmp/composer \
    composer install --no-dev --prefer-dist --no-interaction --no-progress --no-scripts --ignore-platform-reqs --no-autoloader
COPY . .
RUN composer dump-autoload --no-dev --optimize --no-scripts --ignore-platform-reqs && \
    mkdir -p storage bootstrap/cache storage/logs storage/app/public storage/framework/cache/data storage/framework/sessions storage/framework/views

FROM node:24-trixie-slim AS assets
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY . .
COPY --from=vendor /app/vendor ./vendor
RUN npm run build

FROM dunglas/frankenphp:1-php8.4-alpine AS final
RUN install-php-extensions gd pdo_pgsql redis opcache && \
    cp "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
WORKDIR /app
ENV SERVER_NAME=":8080" SERVER_ROOT="/app/public"
RUN chown 82:82 /config/caddy /data/caddy && \
    setcap -r /usr/local/bin/frankenphp
COPY --from=vendor /app /app
COPY --from=assets /app/public /app/public
COPY --from=vendor --chown=82:82 /app/storage /app/storage
COPY --from=vendor --chown=82:82 /app/bootstrap/cache /app/bootstrap/cache
USER 82:82
EXPOSE 8080
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="dunglas/frankenphp:1-php8.4-alpine" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="alpine" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["frankenphp", "run", "--config", "/etc/frankenphp/Caddyfile", "--adapter", "caddyfile"]

# slimdesk 0.1.0: php alpine --component shop --path . --lines .FntiT.K2HNq.VDxVu.CUO_e.RFlnifEU9.CnjrU.RsZANBzkX..F_bpw.K2HNq.Cgw7g.R5kAJ.CnjrU.C2sFO.Rlym0..F-ijH.RfwIXhI48.K2HNq.V1wbO.RDG5dgRye.CnwWp.CZsfV.Cxl8w.C7P1M.UcHb1.PhQH7.L9OoF41sidOJpAxMqxjc2zNbZ.EhfOE.
