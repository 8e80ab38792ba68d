# Written by SlimDesk 0.1.0: baseline for api (node)

FROM node:24-trixie AS final
WORKDIR /app
RUN npm install --global pnpm@10.20.0
COPY . ./
RUN pnpm install --frozen-lockfile
WORKDIR /app/packages/shared
RUN pnpm run build
WORKDIR /app/apps/api
RUN pnpm run build
ENV PORT="8080"
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="node:24-trixie" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/local/bin/node", "dist/index.js"]

# slimdesk 0.1.0: node baseline --component api --path apps/api --healthcheck --lines .FLkA5.K2HNq.RubDd.CvfAx.RBZjp.K90lC.RP83U.KPASI.RP83U.VbLxu.PhQH7.LgTJNWGJaOcTSsiZqxjc2zNbZ.Epvut.
