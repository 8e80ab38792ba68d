# Written by SlimDesk 0.1.0: full for web (dotnet)

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /src
COPY web.csproj ./
RUN --mount=type=cache,target=/root/.nuget/packages dotnet restore web.csproj
COPY . .
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish web.csproj -c Release -o /app --no-restore -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble AS final
ENV DOTNET_ROLL_FORWARD="Major"
ENV ASPNETCORE_HTTP_PORTS="8080"
WORKDIR /app
COPY --from=build /app /app
USER 1654:1654
EXPOSE 8080
LABEL "org.opencontainers.image.title"="web" \
    "org.opencontainers.image.base.name"="mcr.microsoft.com/dotnet/aspnet:10.0-noble" \
    "io.slimdesk.component"="web" \
    "io.slimdesk.family"="full" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/bin/dotnet", "web.dll"]

# slimdesk 0.1.0: dotnet full --component web --path . --lines .FO32x.KTskg.C2PHB.RD9IF.CnjrU.R6xMkG3iO..FGmU6.VLXYt.Vue7-.K2HNq.Cb2ew.U7KoG.PhQH7.LoCNr1vS_u3quDfS1xjc2zNbZ.E35lL.
