# Written by SlimDesk 0.1.0: chiselled for hello (dotnet)

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish hello.cs -c Release -o /app -p:UseAppHost=false -p:PublishAot=false

FROM mcr.microsoft.com/dotnet/runtime:10.0-noble-chiseled AS final
WORKDIR /app
COPY --from=build /app /app
USER 1654:1654
LABEL "org.opencontainers.image.title"="hello" \
    "org.opencontainers.image.base.name"="mcr.microsoft.com/dotnet/runtime:10.0-noble-chiseled" \
    "io.slimdesk.component"="hello" \
    "io.slimdesk.family"="chiselled" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/bin/dotnet", "hello.dll"]

# slimdesk 0.1.0: dotnet chiselled --component hello --path . --lines .FO32x.KTskg.CnjrU.R6xMkXSEV..Fw3vY.K2HNq.Cb2ew.U7KoG.LfuYSI6u3z5Hw4KGMzNbZ.EkvjQ.
