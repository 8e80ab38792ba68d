# Written by SlimDesk 0.1.0: chainguard for app (java)
# hadolint global ignore=DL3007

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

FROM eclipse-temurin:21-jdk-noble AS runtime
COPY --from=build /out/ /out/
RUN modules="$(jdeps --ignore-missing-deps -q --recursive --multi-release 21 --print-module-deps --class-path '/out/dependencies/lib/*' /out/application/app.jar)" && \
    jlink --add-modules "java.base,jdk.crypto.ec,jdk.unsupported,jdk.zipfs,java.naming,java.desktop,java.instrument,java.management,java.net.http,java.security.jgss,java.sql,jdk.management${modules:+,$modules}" --strip-debug --no-man-pages --no-header-files --compress=zip-6 --output /opt/jre

FROM cgr.dev/chainguard/glibc-dynamic:latest AS final
WORKDIR /app
COPY --from=runtime /opt/jre/ /opt/jre/
COPY --from=build /out/dependencies/ ./
COPY --from=build /out/snapshot-dependencies/ ./
COPY --from=build /out/application/ ./
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="app" \
    "org.opencontainers.image.base.name"="cgr.dev/chainguard/glibc-dynamic:latest" \
    "io.slimdesk.component"="app" \
    "io.slimdesk.family"="chainguard" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/opt/jre/bin/java", "-XX:MaxRAMPercentage=75", "-jar", "/app/app.jar"]

FROM cgr.dev/chainguard/glibc-dynamic:latest-dev AS debug
WORKDIR /app
COPY --from=runtime /opt/jre/ /opt/jre/
COPY --from=build /out/dependencies/ ./
COPY --from=build /out/snapshot-dependencies/ ./
COPY --from=build /out/application/ ./
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="app" \
    "org.opencontainers.image.base.name"="cgr.dev/chainguard/glibc-dynamic:latest-dev" \
    "io.slimdesk.component"="app" \
    "io.slimdesk.family"="chainguard" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/opt/jre/bin/java", "-XX:MaxRAMPercentage=75", "-jar", "/app/app.jar"]
LABEL "io.slimdesk.debug"="true"

# slimdesk 0.1.0: java chainguard --component app --path . --debug --lines -g2ic..FH02s.KTskg.Cj2xs.RgUDOw_Ye.CnjrU.RgUDOPUE-.R4dbUTIKCzoPw..FTX9k.C1CQD.Rg7pZxRxC..FcFu1.K2HNq.Cf1AV.Cu5xr.CxRhP.CGEAJ.UD4PA.PhQH7.LmnJnveYEePDpkK9dxjc2zNbZ.EmMfk..F5Jzd.K2HNq.Cf1AV.Cu5xr.CxRhP.CGEAJ.UD4PA.PhQH7.LmnJnfAr_ePDpkK9dxjc2zNbZ.EmMfk.LfX1P.
