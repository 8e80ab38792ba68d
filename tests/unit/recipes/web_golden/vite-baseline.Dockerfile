FROM node:24-trixie AS final
WORKDIR /app
COPY . ./
RUN npm install
RUN npm run build
RUN npm install --global serve@14
EXPOSE 8080
LABEL "org.opencontainers.image.title"="web-vite-react" \
    "org.opencontainers.image.base.name"="node:24-trixie" \
    "io.slimdesk.component"="web-vite-react" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["serve", "-s", "-l", "8080", "site"]
