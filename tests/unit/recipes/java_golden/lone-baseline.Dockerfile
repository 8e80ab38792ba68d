# Written by SlimDesk 0.1.0: baseline for app (java)

FROM eclipse-temurin:21-jdk-noble AS final
WORKDIR /app
COPY . .
RUN mkdir -p /out/classes /out/lib && \
    find ./src -name '*.java' -not -path '*/test/*' -not -path '*/tests/*' -printf '"%p"\n' > /tmp/sources && \
    javac -encoding UTF-8 -cp 'lib/*' -d /out/classes @/tmp/sources && \
    cp -R ./src/. /out/classes && \
    find /out/classes -name '*.java' -delete && \
    cp lib/gson.jar /out/lib/
EXPOSE 8080
LABEL "org.opencontainers.image.title"="app" \
    "org.opencontainers.image.base.name"="eclipse-temurin:21-jdk-noble" \
    "io.slimdesk.component"="app" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["java", "-cp", "/out/classes:/out/lib/*", "x.y.Main"]

# slimdesk 0.1.0: java baseline --component app --path . --lines .Fmm4b.K2HNq.CnjrU.R4fWAbP4pEbtcblsSbbb3ULXt.PhQH7.LmnJn8g6sePDpsiZqxjc2zNbZ.EYIHZ.
