# Written by SlimDesk 0.1.0: baseline for orders-api (node)

FROM node:24-trixie AS final
WORKDIR /app
COPY . ./
RUN npm install
ENV PORT="3000"
EXPOSE 3000
LABEL "org.opencontainers.image.title"="orders-api" \
    "org.opencontainers.image.base.name"="node:24-trixie" \
    "io.slimdesk.component"="orders-api" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="3000" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/local/bin/node", "src/server.js"]

# slimdesk 0.1.0: node baseline --component orders-api --path . --healthcheck --lines .FLkA5.K2HNq.CvfAx.Rhjff.VPsyK.PVG3I.LTTUzWGJaAcBosiZqcCJhzNbZ.ESvXj.
