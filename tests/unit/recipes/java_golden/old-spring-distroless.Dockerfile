# Written by SlimDesk 0.1.0: distroless for app (java)

FROM maven:3.9-eclipse-temurin-17-noble AS build
WORKDIR /src
COPY pom.xml ./
RUN --mount=type=cache,target=/root/.m2,sharing=locked \
    mvn -B -ntp org.apache.maven.plugins:maven-dependency-plugin:3.8.1:go-offline
COPY . .
RUN --mount=type=cache,target=/root/.m2,sharing=locked \
    mvn -B -ntp package -DskipTests -Dproject.build.outputTimestamp=1980-02-01T00:00:00Z
RUN mkdir -p /out/dependencies /out/spring-boot-loader /out/snapshot-dependencies /out/application && \
    cp target/app-1.0.jar /tmp/app.jar && \
    java -Djarmode=layertools -jar /tmp/app.jar extract --destination /out

FROM gcr.io/distroless/java17-debian13:nonroot AS final
WORKDIR /app
COPY --from=build /out/dependencies/ ./
COPY --from=build /out/spring-boot-loader/ ./
COPY --from=build /out/snapshot-dependencies/ ./
COPY --from=build /out/application/ ./
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="app" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/java17-debian13:nonroot" \
    "io.slimdesk.component"="app" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/bin/java", "-XX:MaxRAMPercentage=75", "org.springframework.boot.loader.JarLauncher"]

# slimdesk 0.1.0: java distroless --component app --path . --lines .F51tF.KTskg.Cj2xs.RgUDOw_Ye.CnjrU.RgUDOPUE-.RdDAaTIKCldDl..FIfPh.K2HNq.Cu5xr.CUc1G.CxRhP.CGEAJ.UD4PA.PhQH7.LmnJnoDdAePDpxYDmxjc2zNbZ.EqA0e.
