# Written by SlimDesk 0.1.0: slim for api (node)

FROM node:24-trixie-slim AS tools
RUN npm install --global pnpm@10.20.0

FROM tools AS dependencies
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/api/package.json ./apps/api/
COPY apps/web/package.json ./apps/web/
COPY packages/shared/package.json ./packages/shared/
RUN --mount=type=cache,target=/root/.local/share/pnpm/store pnpm install --frozen-lockfile

FROM dependencies AS build
COPY . ./
WORKDIR /app/packages/shared
RUN pnpm run build
WORKDIR /app/apps/api
RUN pnpm run build
RUN rm -rf /app/packages/shared/node_modules

FROM tools AS production
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/api/package.json ./apps/api/
COPY apps/web/package.json ./apps/web/
COPY packages/shared/package.json ./packages/shared/
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    pnpm install --prod --frozen-lockfile --filter=@shop/api... && \
    rm -rf pnpm-lock.yaml .npmrc

FROM node:24-trixie-slim AS final
ENV NODE_ENV="production"
ENV PORT="8080"
COPY --from=production /app /app
COPY --from=build /app/packages/shared /app/packages/shared
COPY --from=build /app/apps/api/dist /app/apps/api/dist
WORKDIR /app/apps/api
USER 1000:1000
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="node:24-trixie-slim" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="slim" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
HEALTHCHECK CMD ["/usr/local/bin/node", "-e", "fetch(\"http://127.0.0.1:8080/health\").then(answer=>process.exit(answer.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/node", "dist/index.js"]

# slimdesk 0.1.0: node slim --component api --path apps/api --healthcheck --lines .F9ai3.RubDd..F0nAC.K2HNq.CrYLh.CmsBP.C1F4e.C2ub6.RZkBH..Fckof.CvfAx.K90lC.RP83U.KPASI.RP83U.Rmv3q..FidgJ.K2HNq.CrYLh.CmsBP.C1F4e.C2ub6.R2UU7Bdf9Ht8q..FLAB6.VroTK.VbLxu.C7jcL.C1M2G.Cd0MZ.KPASI.UOOQC.PhQH7.LgTJNgNWYOcTSmlLExjc2zNbZ.His_O.Epvut.
