# Written by SlimDesk 0.1.0: distroless for orders-api (node)

FROM node:24-trixie-slim AS production
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund

FROM gcr.io/distroless/nodejs24-debian13:nonroot AS final
ENV NODE_ENV="production"
ENV PORT="3000"
COPY --from=production /app/node_modules /app/node_modules
COPY . /app/
WORKDIR /app
USER 65532:65532
EXPOSE 3000
LABEL "org.opencontainers.image.title"="orders-api" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/nodejs24-debian13:nonroot" \
    "io.slimdesk.component"="orders-api" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="3000" \
    "io.slimdesk.version"="0.1.0"
HEALTHCHECK CMD ["/nodejs/bin/node", "-e", "fetch(\"http://127.0.0.1:3000/healthz\").then(answer=>process.exit(answer.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "src/server.js"]

# slimdesk 0.1.0: node distroless --component orders-api --path . --healthcheck --lines .FRKnl.K2HNq.Cgw7g.Rm_h6..FnjkR.VroTK.VPsyK.CMcag.CAmM4.K2HNq.UD4PA.PVG3I.LTTUzNNdhAcBoxYDmcCJhzNbZ.HWtBg.EHzza.
