# Written by SlimDesk 0.1.0: distroless for app (java)

FROM eclipse-temurin:17-jdk-noble AS build
WORKDIR /src
COPY build.gradle.kts ./
RUN --mount=type=cache,target=/root/.gradle,sharing=locked sed -i 's/\r$//' gradlew && \
    sh ./gradlew --no-daemon dependencies
COPY . .
RUN --mount=type=cache,target=/root/.gradle,sharing=locked sed -i 's/\r$//' gradlew && \
    sh ./gradlew --no-daemon :bootJar
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

# slimdesk 0.1.0: java distroless --component app --path . --lines .FAjIr.KTskg.CZuo9.Rr5WqhfYY.CnjrU.Rr5WqA5FT.R4dbUTIKCzoPw..FynWe.K2HNq.Cu5xr.CxRhP.CGEAJ.UD4PA.PhQH7.LmnJnwbpJePDpxYDmxjc2zNbZ.Eu-xF.
