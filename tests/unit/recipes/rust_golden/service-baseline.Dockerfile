# Written by SlimDesk 0.1.0: baseline for api (rust)

FROM rust:1.98-trixie AS final
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin api --target-dir /target
EXPOSE 3000
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="rust:1.98-trixie" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="baseline" \
    "io.slimdesk.port"="3000" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/target/release/api"]

# slimdesk 0.1.0: rust baseline --component api --path . --lines .FHI48.KTskg.CnjrU.RAbrt.PVG3I.LgTJNY8eFOcTSsiZqcCJhzNbZ.EQaJq.
