# Written by SlimDesk 0.1.0: baseline for app (java)

FROM maven:3.9-eclipse-temurin-21-noble AS final
WORKDIR /app
COPY . .
RUN mvn -B -ntp package -DskipTests -Dproject.build.outputTimestamp=1980-02-01T00:00:00Z
EXPOSE 8080
LABEL "org.opencontainers.image.title"="app" \
    "org.opencontainers.image.base.name"="maven:3.9-eclipse-temurin-21-noble" \
    "io.slimdesk.component"="app" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["java", "-jar", "target/quarkus-app/quarkus-run.jar"]

# slimdesk 0.1.0: java baseline --component app --path . --lines .FY8NS.K2HNq.CnjrU.RJUfK.PhQH7.LmnJn0RL4ePDpsiZqxjc2zNbZ.ERLkZ.
