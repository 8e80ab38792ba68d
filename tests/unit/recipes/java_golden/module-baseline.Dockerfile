# Written by SlimDesk 0.1.0: baseline for app (java)

FROM maven:3.9-eclipse-temurin-21-noble AS final
WORKDIR /app
COPY . .
RUN mvn -B -ntp -pl web -am package -DskipTests -Dproject.build.outputTimestamp=1980-02-01T00:00:00Z
EXPOSE 8080
LABEL "org.opencontainers.image.title"="app" \
    "org.opencontainers.image.base.name"="maven:3.9-eclipse-temurin-21-noble" \
    "io.slimdesk.component"="app" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["java", "-jar", "web/target/app-1.0.jar"]

# slimdesk 0.1.0: java baseline --component app --path web --lines .FY8NS.K2HNq.CnjrU.R2t3u.PhQH7.LmnJn0RL4ePDpsiZqxjc2zNbZ.ExHz0.
