# Written by SlimDesk 0.1.0: distroless for billing (node)

FROM node:24-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm pkg delete scripts.prepare && \
    npm ci --no-audit --no-fund

FROM dependencies AS build
COPY . ./
RUN npm run build

FROM node:24-trixie-slim AS production
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm pkg delete scripts.prepare && \
    npm ci --omit=dev --no-audit --no-fund

FROM gcr.io/distroless/nodejs24-debian13:nonroot AS final
ENV NODE_ENV="production"
ENV PORT="3000"
COPY --from=production /app/node_modules /app/node_modules
COPY --from=build /app/package.json /app/package.json
COPY --from=build /app/dist /app/dist
WORKDIR /app
USER 65532:65532
EXPOSE 3000
LABEL "org.opencontainers.image.title"="billing" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/nodejs24-debian13:nonroot" \
    "io.slimdesk.component"="billing" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="3000" \
    "io.slimdesk.version"="0.1.0"
HEALTHCHECK CMD ["/nodejs/bin/node", "-e", "fetch(\"http://127.0.0.1:3000/api/health\").then(answer=>process.exit(answer.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "dist/main.js"]

# slimdesk 0.1.0: node distroless --component billing --path . --healthcheck --lines .FwN7G.K2HNq.Cgw7g.RXyBGH5GU..Fckof.CvfAx.Rlym0..FRKnl.K2HNq.Cgw7g.RXyBGHTiK..FnjkR.VroTK.VPsyK.CMcag.COdmM.CPaqm.K2HNq.UD4PA.PVG3I.LTEI8NNdhC34YxYDmcCJhzNbZ.HiaLO.E2U69.
