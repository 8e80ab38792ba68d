FROM nginx:1.30-trixie AS final
RUN sed -i 's/listen  *80;/listen 8080;/' /etc/nginx/conf.d/default.conf
COPY . /usr/share/nginx/html/
EXPOSE 8080
LABEL "org.opencontainers.image.title"="web-html" \
    "org.opencontainers.image.base.name"="nginx:1.30-trixie" \
    "io.slimdesk.component"="web-html" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["nginx", "-g", "daemon off;"]
