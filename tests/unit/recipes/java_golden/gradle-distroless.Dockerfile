# Written by SlimDesk 0.1.0: distroless for app (java)

FROM gradle:9.7-jdk21-noble AS build
WORKDIR /src
COPY build.gradle.kts ./
RUN --mount=type=cache,target=/home/gradle/.gradle,sharing=locked \
    gradle --no-daemon :app:dependencies
COPY . .
RUN --mount=type=cache,target=/home/gradle/.gradle,sharing=locked \
    gradle --no-daemon :app:installDist
RUN mkdir -p /out/lib && \
    cp app/build/install/*/lib/*.jar /out/lib/

FROM gcr.io/distroless/java21-debian13:nonroot AS final
WORKDIR /app
COPY --from=build /out/lib/ ./lib/
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="app" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/java21-debian13:nonroot" \
    "io.slimdesk.component"="app" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/bin/java", "-XX:MaxRAMPercentage=75", "-cp", "/app/lib/*", "x.y.Main"]

# slimdesk 0.1.0: java distroless --component app --path app --lines .FwWg1.KTskg.CZuo9.RPJciL6AB.CnjrU.RPJci80Ac.Rk0KOtbCz..FynWe.K2HNq.C7HHw.UD4PA.PhQH7.LmnJnwbpJePDpxYDmxjc2zNbZ.EG05j.
