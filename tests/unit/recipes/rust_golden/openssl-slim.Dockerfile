# Written by SlimDesk 0.1.0: slim for api (rust)
# hadolint global ignore=DL3008

FROM rust:1.98-slim-trixie AS plan
WORKDIR /src
COPY . .
RUN printf '%s\n' '#![allow(dead_code, missing_docs)] fn main() {}' > /stub.rs && \
    mkdir /plan && \
    find . -not -type d \( -name Cargo.toml -o -name Cargo.lock -o -name 'rust-toolchain*' -o -path '*/.cargo/config*' -o -name '*.rs' \) -exec cp --parents '{}' /plan/ ';' && \
    find /plan -name '*.rs' -exec cp /stub.rs '{}' ';'

FROM rust:1.98-slim-trixie AS build
RUN apt-get update && \
    apt-get install -y --no-install-recommends pkg-config libssl-dev && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /src
ENV CARGO_PROFILE_RELEASE_STRIP="symbols"
COPY --from=plan /plan/ ./
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/usr/local/cargo/git/db \
    cargo build --release --locked --bin api --target-dir /target
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/usr/local/cargo/git/db \
    find . -name '*.rs' -exec touch '{}' + && \
    cargo build --release --locked --bin api --target-dir /target && \
    mkdir -p /out && \
    find /target -type f -path '*/release/api' -exec cp '{}' /out/ ';'

FROM debian:trixie-slim AS final
RUN apt-get update && \
    apt-get install -y --no-install-recommends libssl3t64 && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/api /api
USER 65532:65532
EXPOSE 3000
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="debian:trixie-slim" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="slim" \
    "io.slimdesk.port"="3000" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/api"]

# slimdesk 0.1.0: rust slim --component api --path . --lines -3j6y..FoxtH.KTskg.CnjrU.R1JOe8do_pG3fCNwS..FEjlJ.R0H95h0nRWB3x.KTskg.V5-v4.C8Cj-.RQ57ne3cQWQQk.CnjrU.RQ57ne3cQ-AvDQAPt8CRJrBka..F5jB5.R0H95wM24WB3x.CXToD.C-H5F.UD4PA.PVG3I.LgTJNht12OcTSmlLEcCJhzNbZ.EmQzd.
