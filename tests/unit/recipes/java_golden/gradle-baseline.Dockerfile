# Written by SlimDesk 0.1.0: baseline for app (java)

FROM gradle:9.7-jdk21-noble AS final
WORKDIR /app
COPY . .
RUN gradle --no-daemon :app:installDist
EXPOSE 8080
LABEL "org.opencontainers.image.title"="app" \
    "org.opencontainers.image.base.name"="gradle:9.7-jdk21-noble" \
    "io.slimdesk.component"="app" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["sh", "-c", "exec java -cp \"$(echo app/build/install/*/lib)/*\" x.y.Main"]

# slimdesk 0.1.0: java baseline --component app --path app --lines .FoftE.K2HNq.CnjrU.RrwrQ.PhQH7.LmnJnQIRMePDpsiZqxjc2zNbZ.E5Rsp.
