# Written by SlimDesk 0.1.0: slim for shop (php)
# hadolint global ignore=DL3008

FROM composer:2 AS vendor
WORKDIR /app
ENV COMPOSER_CACHE_DIR="/tmp/composer" COMPOSER_ALLOW_SUPERUSER="1"
COPY composer.json ./
COPY packages ./packages
ENV COMPOSER_MIRROR_PATH_REPOS="1"
RUN --mount=type=cache,target=/tmp/composer \
    composer install --no-dev --prefer-dist --no-interaction --no-progress --no-scripts --ignore-platform-reqs --no-autoloader
COPY . .
RUN composer dump-autoload --no-dev --optimize --no-scripts --ignore-platform-reqs

FROM debian:trixie-slim AS final
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates php8.4-cli apache2 libapache2-mod-php8.4 php8.4-mbstring php8.4-curl php8.4-xml && \
    rm -rf /var/lib/apt/lists/*
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
USER 33:33
EXPOSE 8080
STOPSIGNAL SIGWINCH
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="debian:trixie-slim" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="slim" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/sbin/apache2", "-DFOREGROUND"]

# slimdesk 0.1.0: php slim --component shop --path . --lines -3j6y..FntiT.K2HNq.VDxVu.CdlfM.Cui5Z.V4l_2.RFlnifEU9.CnjrU.RSadz..F5jB5.R0H95smOhWB3x.KQPnX.RTttMXZoyu644.VkomQ2U-BMrg2Rla3-WoTUukW.CNjw5.UM0bO.PhQH7.TYIc7.L9OoFht12dOJpmlLExjc2zNbZ.E4Hds.
