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
    'worker_processes auto;' \
    'error_log /dev/stderr warn;' \
    'pid /tmp/nginx.pid;' \
    'events {}' \
    'http {' \
    '  include /etc/nginx/mime.types;' \
    '  default_type application/octet-stream;' \
    '  access_log /dev/stdout;' \
    '  server_tokens off;' \
    '  sendfile on;' \
    '  client_body_temp_path /tmp/client;' \
    '  proxy_temp_path /tmp/proxy;' \
    '  fastcgi_temp_path /tmp/fastcgi;' \
    '  uwsgi_temp_path /tmp/uwsgi;' \
    '  scgi_temp_path /tmp/scgi;' \
    '  gzip on;' \
    '  gzip_vary on;' \
    '  gzip_min_length 1024;' \
    '  gzip_types text/css text/plain text/xml text/javascript application/javascript application/json application/manifest+json application/xml application/wasm image/svg+xml font/ttf;' \
    '  server {' \
    '    listen 8080;' \
    '    root /usr/share/nginx/html;' \
    '    absolute_redirect off;' \
    "    location ^~ /assets/ { add_header Cache-Control \"public, max-age=31536000, immutable\"; try_files \$uri =404; }" \
    "    location ~ \"[.][A-Za-z0-9]{1,12}\$\" { add_header Cache-Control \"no-cache\"; try_files \$uri =404; }" \
    "    location / { add_header Cache-Control \"no-cache\"; try_files \$uri \$uri/index.html \$uri.html /index.html; }" \
    '  }' \
    '}' \
    > /nginx.conf

FROM nginxinc/nginx-unprivileged:1.30-trixie AS final
COPY --from=config /nginx.conf /etc/nginx/nginx.conf
COPY --from=web /app/site/ /usr/share/nginx/html/
USER 101:101
EXPOSE 8080
LABEL "org.opencontainers.image.title"="web-vite-react" \
    "org.opencontainers.image.base.name"="nginxinc/nginx-unprivileged:1.30-trixie" \
    "io.slimdesk.component"="web-vite-react" \
    "io.slimdesk.family"="slim" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
HEALTHCHECK CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/"]
ENTRYPOINT ["/usr/sbin/nginx", "-e", "/dev/stderr", "-g", "daemon off;"]
