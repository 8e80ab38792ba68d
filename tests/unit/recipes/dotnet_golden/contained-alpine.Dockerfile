# Written by SlimDesk 0.1.0: alpine for tool (dotnet)

FROM mcr.microsoft.com/dotnet/sdk:10.0-alpine3.24 AS build
WORKDIR /src
ARG TARGETARCH
COPY tool.csproj ./
RUN --mount=type=cache,target=/root/.nuget/packages dotnet restore tool.csproj -a "$TARGETARCH"
COPY . .
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish tool.csproj -c Release -o /app -a "$TARGETARCH" --no-restore --self-contained

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-alpine3.24 AS final
WORKDIR /app
COPY --from=build /app /app
USER 1654:1654
LABEL "org.opencontainers.image.title"="tool" \
    "org.opencontainers.image.base.name"="mcr.microsoft.com/dotnet/runtime-deps:10.0-alpine3.24" \
    "io.slimdesk.component"="tool" \
    "io.slimdesk.family"="alpine" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/app/tool"]

# slimdesk 0.1.0: dotnet alpine --component tool --path . --lines .F31W1.KTskg.AbuRj.CEm_E.Ru1S6.CnjrU.R6xMkTDqb..Fe22_.K2HNq.Cb2ew.U7KoG.LNeKKTw04iUGNAxMqzNbZ.EcPg9.
