# Written by SlimDesk 0.1.0: chiselled for api (dotnet)

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /src
COPY src/Api/Api.csproj ./src/Api/
COPY src/Core/Core.csproj ./src/Core/
COPY Directory.Packages.props ./
RUN --mount=type=cache,target=/root/.nuget/packages dotnet restore src/Api/Api.csproj
COPY . .
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish src/Api/Api.csproj -c Release -o /app --no-restore -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra AS final
ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="false"
ENV ASPNETCORE_HTTP_PORTS="8080"
WORKDIR /app
COPY --from=build /app /app
USER 1654:1654
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="chiselled" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/bin/dotnet", "Api.dll"]

# slimdesk 0.1.0: dotnet chiselled --component api --path src/Api --lines .FO32x.KTskg.CAqpP.CIJIf.CbLH8.Rvvnv.CnjrU.R6xMkt4M5..FMTcx.VdyOb.Vue7-.K2HNq.Cb2ew.U7KoG.PhQH7.LgTJNU7GXOcTS4KGMxjc2zNbZ.EFcbz.
