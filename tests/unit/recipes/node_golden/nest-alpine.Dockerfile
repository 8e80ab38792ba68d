# Written by SlimDesk 0.1.0: alpine for billing (node)

FROM node:24-alpine3.24 AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm pkg delete scripts.prepare && \
    npm ci --no-audit --no-fund

FROM dependencies AS build
COPY . ./
RUN npm run build

FROM node:24-alpine3.24 AS production
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm pkg delete scripts.prepare && \
    npm ci --omit=dev --no-audit --no-fund

FROM node:24-alpine3.24 AS final
ENV NODE_ENV="production"
ENV PORT="3000"
COPY --from=production /app/node_modules /app/node_modules
COPY --from=build /app/package.json /app/package.json
COPY --from=build /app/dist /app/dist
WORKDIR /app
USER 1000:1000
EXPOSE 3000
LABEL "org.opencontainers.image.title"="billing" \
    "org.opencontainers.image.base.name"="node:24-alpine3.24" \
    "io.slimdesk.component"="billing" \
    "io.slimdesk.family"="alpine" \
    "io.slimdesk.port"="3000" \
    "io.slimdesk.version"="0.1.0"
HEALTHCHECK CMD ["/usr/local/bin/node", "-e", "fetch(\"http://127.0.0.1:3000/api/health\").then(answer=>process.exit(answer.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/node", "dist/main.js"]

# slimdesk 0.1.0: node alpine --component billing --path . --healthcheck --lines .FPPeg.K2HNq.Cgw7g.RXyBGH5GU..Fckof.CvfAx.Rlym0..FlY8p.K2HNq.Cgw7g.RXyBGHTiK..FV_xC.VroTK.VPsyK.CMcag.COdmM.CPaqm.K2HNq.UOOQC.PVG3I.LTEI8feDPC34YAxMqcCJhzNbZ.H7mlo.EBlA0.
