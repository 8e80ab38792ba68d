# Written by SlimDesk 0.1.0: distroless for app (java)

FROM eclipse-temurin:21-jdk-noble AS build
WORKDIR /src
COPY . .
RUN mkdir -p /out/classes /out/lib && \
    find ./src -name '*.java' -not -path '*/test/*' -not -path '*/tests/*' -printf '"%p"\n' > /tmp/sources && \
    javac -encoding UTF-8 -cp 'lib/*' -d /out/classes @/tmp/sources && \
    cp -R ./src/. /out/classes && \
    find /out/classes -name '*.java' -delete && \
    cp lib/gson.jar /out/lib/

FROM gcr.io/distroless/java21-debian13:nonroot AS final
WORKDIR /app
COPY --from=build /out/lib/ ./lib/
COPY --from=build /out/classes/ ./classes/
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="app" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/java21-debian13:nonroot" \
    "io.slimdesk.component"="app" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/bin/java", "-XX:MaxRAMPercentage=75", "-cp", "/app/classes:/app/lib/*", "x.y.Main"]

# slimdesk 0.1.0: java distroless --component app --path . --lines .FvmS7.KTskg.CnjrU.R4fWAbP4pEbtcblsSbbb3ULXt..FynWe.K2HNq.C7HHw.CYGhM.UD4PA.PhQH7.LmnJnwbpJePDpxYDmxjc2zNbZ.EeNVJ.
