# Written by SlimDesk 0.1.0: distroless for api (rust)
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
RUN mkdir -p /out/libraries && \
    ldd /out/api > /tmp/linked && \
    ! grep 'not found' /tmp/linked && \
    awk '$3 ~ "^/" && $3 !~ "/(ld-linux[^/]*|libc|libm|libdl|libpthread|librt|libresolv|libutil|libanl|libnss_[a-z]+|libstdc[+][+]|libgcc_s|libssl|libcrypto|libz|libzstd|libgomp)[.]so" { sub("^/lib", "/usr/lib", $3); print $3 }' /tmp/linked > /tmp/libraries && \
    xargs -r -a /tmp/libraries cp -L --parents -t /out/libraries

FROM gcr.io/distroless/cc-debian13:nonroot AS final
COPY --from=build /out/libraries/ /
COPY --from=build /out/api /api
USER 65532:65532
EXPOSE 3000
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/cc-debian13:nonroot" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="3000" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/api"]

# slimdesk 0.1.0: rust distroless --component api --path . --lines -3j6y..FoxtH.KTskg.CnjrU.R1JOe8do_pG3fCNwS..FEjlJ.R0H95h0nRWB3x.KTskg.V5-v4.C8Cj-.RQ57ne3cQWQQk.CnjrU.RQ57ne3cQ-AvDQAPt8CRJrBka.RGd6wQ7xxId-72HOWUXZI..FPuO6.C4JBx.C-H5F.UD4PA.PVG3I.LgTJN5x1WOcTSxYDmcCJhzNbZ.EmQzd.
