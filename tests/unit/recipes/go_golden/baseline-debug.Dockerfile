# Written by SlimDesk 0.1.0: baseline for api (go)

FROM golang:1.26-trixie AS final
WORKDIR /src
COPY . .
RUN go build -o /usr/local/bin/api ./cmd/api
EXPOSE 8080
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="golang:1.26-trixie" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="8080" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/local/bin/api"]

FROM final AS debug
LABEL "io.slimdesk.debug"="true"

# slimdesk 0.1.0: go baseline --component api --path . --debug --lines .Fgo6s.KTskg.CnjrU.RQJVY.PhQH7.LgTJNl5HgOcTSsiZqxjc2zNbZ.EgHv0..F_1Su.LfX1P.
