# Written by SlimDesk 0.1.0: chainguard for orders-api (node)
# hadolint global ignore=DL3007

FROM node:26-trixie-slim AS production
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund

FROM cgr.dev/chainguard/node:latest AS final
ENV NODE_ENV="production"
ENV PORT="3000"
COPY --from=production /app/node_modules /app/node_modules
COPY . /app/
WORKDIR /app
USER 65532:65532
EXPOSE 3000
LABEL "org.opencontainers.image.title"="orders-api" \
    "org.opencontainers.image.base.name"="cgr.dev/chainguard/node:latest" \
    "io.slimdesk.component"="orders-api" \
    "io.slimdesk.family"="chainguard" \
    "io.slimdesk.port"="3000" \
    "io.slimdesk.version"="0.1.0"
HEALTHCHECK CMD ["/usr/bin/node", "-e", "fetch(\"http://127.0.0.1:3000/healthz\").then(answer=>process.exit(answer.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["/usr/bin/node", "src/server.js"]

# slimdesk 0.1.0: node chainguard --component orders-api --path . --healthcheck --lines -g2ic..F4LMg.K2HNq.Cgw7g.Rm_h6..Fribd.VroTK.VPsyK.CMcag.CAmM4.K2HNq.UD4PA.PVG3I.LTTUz-t5bAcBokK9dcCJhzNbZ.HQQE_.E4N5v.
