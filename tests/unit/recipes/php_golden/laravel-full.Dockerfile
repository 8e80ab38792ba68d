# Written by SlimDesk 0.1.0: full for shop (php)
# hadolint global ignore=DL3008

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

FROM php:8.4-apache-trixie AS extensions
RUN apt-get update && \
    apt-get install -y --no-install-recommends libfreetype-dev libjpeg62-turbo-dev libpng-dev libwebp-dev libpq-dev && \
    rm -rf /var/lib/apt/lists/*
RUN docker-php-ext-configure gd --with-freetype --with-jpeg --with-webp && \
    docker-php-ext-install -j"$(nproc)" gd pdo_pgsql && \
    pecl install redis && \
    docker-php-ext-enable redis

FROM php:8.4-apache-trixie AS final
RUN apt-get update && \
    apt-get install -y --no-install-recommends libfreetype6 libjpeg62-turbo libpng16-16t64 libwebp7 libpq5 && \
    rm -rf /var/lib/apt/lists/*
COPY --from=extensions /usr/local/lib/php/extensions /usr/local/lib/php/extensions
COPY --from=extensions /usr/local/etc/php/conf.d /usr/local/etc/php/conf.d
RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini" && \
    docker-php-ext-enable opcache
WORKDIR /var/www/html
RUN echo 'Listen 8080' > /etc/apache2/ports.conf && \
    printf '%s\n' 'ServerName localhost' 'ServerTokens Prod' '<VirtualHost *:8080>' 'DocumentRoot /var/www/html/public' '<Directory /var/www/html/public>' 'AllowOverride All' 'Require all granted' 'FallbackResource /index.php' '</Directory>' '<FilesMatch "^\.(?!well-known)">' 'Require all denied' '</FilesMatch>' 'ErrorLog /dev/stderr' 'CustomLog /dev/stdout combined' '</VirtualHost>' > /etc/apache2/sites-available/000-default.conf && \
    a2enmod -q rewrite headers
ENV APACHE_RUN_USER="www-data" \
    APACHE_RUN_GROUP="www-data" \
    APACHE_RUN_DIR="/tmp" \
    APACHE_LOCK_DIR="/tmp" \
    APACHE_LOG_DIR="/tmp" \
    APACHE_PID_FILE="/tmp/apache2.pid"
COPY --from=vendor /app /var/www/html
COPY --from=assets /app/public /var/www/html/public
COPY --from=vendor --chown=33:33 /app/storage /var/www/html/storage
COPY --from=vendor --chown=33:33 /app/bootstrap/cache /var/www/html/bootstrap/cache
USER 33:33
EXPOSE 8080
STOPSIGNAL SIGWINCH
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="php:8.4-apache-trixie" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="full" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["apache2-foreground"]

# slimdesk 0.1.0: php full --component shop --path . --lines -3j6y..FntiT.K2HNq.VDxVu.CUO_e.RFlnifEU9.CnjrU.RsZANBzkX..F_bpw.K2HNq.Cgw7g.R5kAJ.CnjrU.C2sFO.Rlym0..FbgWi.R0H95axUDWB3x.R6mhKIAhPPh9VCXhB..F_q7p.R0H959FWGWB3x.CnN4Q.Cs3E7.RNf6L_ND-.KQPnX.RTttMXZoyu644.VkomQ2U-BMrg2Rla3-WoTUukW.CNjw5.C3c02.C5I5f.Ccy-d.UM0bO.PhQH7.TYIc7.L9OoFPA8MdOJpDfS1xjc2zNbZ.EV_ny.
