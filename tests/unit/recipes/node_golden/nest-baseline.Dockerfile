# Written by SlimDesk 0.1.0: baseline for billing (node)

FROM node:24-trixie AS final
WORKDIR /app
COPY . ./
RUN npm install
RUN npm run build
ENV PORT="3000"
EXPOSE 3000
LABEL "org.opencontainers.image.title"="billing" \
    "org.opencontainers.image.base.name"="node:24-trixie" \
    "io.slimdesk.component"="billing" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="3000" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/local/bin/node", "dist/main.js"]

# slimdesk 0.1.0: node baseline --component billing --path . --healthcheck --lines .FLkA5.K2HNq.CvfAx.Rhjff.Rlym0.VPsyK.PVG3I.LTEI8WGJaC34YsiZqcCJhzNbZ.EBlA0.
