# Written by SlimDesk 0.1.0: distroless for tool (dotnet)

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble-aot AS build
WORKDIR /src
ARG TARGETARCH
COPY tool.csproj ./
RUN --mount=type=cache,target=/root/.nuget/packages dotnet restore tool.csproj -a "$TARGETARCH"
COPY . .
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish tool.csproj -c Release -o /app -a "$TARGETARCH" --no-restore && \
    rm -f /app/*.dbg

FROM gcr.io/distroless/base-debian13:nonroot AS final
ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1"
ENV ASPNETCORE_HTTP_PORTS="8080"
WORKDIR /app
COPY --from=build /app /app
USER 65532:65532
EXPOSE 8080
LABEL "org.opencontainers.image.title"="tool" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/base-debian13:nonroot" \
    "io.slimdesk.component"="tool" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/app/tool"]

# slimdesk 0.1.0: dotnet distroless --component tool --path . --lines .Fe4oH.KTskg.AbuRj.CEm_E.Ru1S6.CnjrU.R6xMkvff1nrwF..F8pC9.VqBms.Vue7-.K2HNq.Cb2ew.UD4PA.PhQH7.LNeKKBrePiUGNxYDmxjc2zNbZ.EcPg9.
