# Written by SlimDesk 0.1.0: alpine for api (rust)
# hadolint global ignore=DL3018

FROM rust:1.98-alpine3.24 AS plan
WORKDIR /src
COPY . .
RUN printf '%s\n' '#![allow(dead_code, missing_docs)] fn main() {}' > /stub.rs && \
    mkdir /plan && \
    find . -not -type d \( -name Cargo.toml -o -name Cargo.lock -o -name 'rust-toolchain*' -o -path '*/.cargo/config*' -o -name '*.rs' \) -exec cp --parents '{}' /plan/ ';' && \
    find /plan -name '*.rs' -exec cp /stub.rs '{}' ';'

FROM rust:1.98-alpine3.24 AS build
RUN apk add --no-cache pkgconf openssl-dev
WORKDIR /src
ENV CARGO_PROFILE_RELEASE_STRIP="symbols"
ENV RUSTFLAGS="-C target-feature=-crt-static"
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

FROM alpine:3.24 AS final
RUN apk add --no-cache libgcc libssl3
COPY --from=build /out/api /api
USER 65532:65532
EXPOSE 3000
LABEL "org.opencontainers.image.title"="api" \
    "org.opencontainers.image.base.name"="alpine:3.24" \
    "io.slimdesk.component"="api" \
    "io.slimdesk.family"="alpine" \
    "io.slimdesk.port"="3000" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/api"]

# slimdesk 0.1.0: rust alpine --component api --path . --lines -rAIR..FJE54.KTskg.CnjrU.R1JOe8do_pG3fCNwS..F14VJ.RU0TG.KTskg.V5-v4.VbRq8.C8Cj-.RQ57ne3cQWQQk.CnjrU.RQ57ne3cQ-AvDQAPt8CRJrBka..FQrxm.R6Kc-.C-H5F.UD4PA.PVG3I.LgTJNqwYfOcTSAxMqcCJhzNbZ.EmQzd.
