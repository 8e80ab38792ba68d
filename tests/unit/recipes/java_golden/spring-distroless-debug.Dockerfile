# Written by SlimDesk 0.1.0: distroless for app (java)

FROM maven:3.9-eclipse-temurin-21-noble AS build
WORKDIR /src
COPY pom.xml ./
RUN --mount=type=cache,target=/root/.m2,sharing=locked \
    mvn -B -ntp org.apache.maven.plugins:maven-dependency-plugin:3.8.1:go-offline
COPY . .
RUN --mount=type=cache,target=/root/.m2,sharing=locked \
    mvn -B -ntp package -DskipTests -Dproject.build.outputTimestamp=1980-02-01T00:00:00Z
RUN mkdir -p /out/dependencies /out/snapshot-dependencies /out/application && \
    cp target/app-1.0.jar /tmp/app.jar && \
    java -Djarmode=tools -jar /tmp/app.jar extract --layers --force --destination /out

FROM gcr.io/distroless/java21-debian13:nonroot AS final
WORKDIR /app
COPY --from=build /out/dependencies/ ./
COPY --from=build /out/snapshot-dependencies/ ./
COPY --from=build /out/application/ ./
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="app" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/java21-debian13:nonroot" \
    "io.slimdesk.component"="app" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/bin/java", "-XX:MaxRAMPercentage=75", "-jar", "/app/app.jar"]

FROM gcr.io/distroless/java21-debian13:debug-nonroot AS debug
WORKDIR /app
COPY --from=build /out/dependencies/ ./
COPY --from=build /out/snapshot-dependencies/ ./
COPY --from=build /out/application/ ./
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="app" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/java21-debian13:debug-nonroot" \
    "io.slimdesk.component"="app" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/bin/java", "-XX:MaxRAMPercentage=75", "-jar", "/app/app.jar"]
LABEL "io.slimdesk.debug"="true"

# slimdesk 0.1.0: java distroless --component app --path . --debug --lines .FH02s.KTskg.Cj2xs.RgUDOw_Ye.CnjrU.RgUDOPUE-.R4dbUTIKCzoPw..FynWe.K2HNq.Cu5xr.CxRhP.CGEAJ.UD4PA.PhQH7.LmnJnwbpJePDpxYDmxjc2zNbZ.Eu-xF..Fe-EQ.K2HNq.Cu5xr.CxRhP.CGEAJ.UD4PA.PhQH7.LmnJnyyHsePDpxYDmxjc2zNbZ.Eu-xF.LfX1P.
