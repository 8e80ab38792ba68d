# Written by SlimDesk 0.1.0: distroless for svc (python)
# hadolint global ignore=DL3013

FROM python:3.13-slim-trixie AS build
WORKDIR /app
RUN ln -sf /usr/local/bin/python3 /usr/bin/python3.13 && \
    /usr/bin/python3.13 -m venv --without-pip /venv
RUN --mount=type=cache,target=/root/.cache/pip python3 -m venv /tools && \
    /tools/bin/pip install uv==0.13.9
ENV UV_PROJECT_ENVIRONMENT="/venv" \
    UV_PYTHON_DOWNLOADS="0" \
    UV_LINK_MODE="copy" \
    UV_COMPILE_BYTECODE="1" \
    UV_SYSTEM_CERTS="1"
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \
    /tools/bin/uv sync --frozen --no-dev --no-install-workspace --package svc
COPY . .
RUN --mount=type=cache,target=/root/.cache/uv \
    /tools/bin/uv sync --locked --no-dev --no-editable --package svc

FROM gcr.io/distroless/python3-debian13:nonroot AS final
WORKDIR /app
ENV PYTHONUNBUFFERED="1" PYTHONDONTWRITEBYTECODE="1"
COPY --from=build /venv /venv
COPY packages/svc/ .
USER 65532:65532
LABEL "org.opencontainers.image.title"="svc" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/python3-debian13:nonroot" \
    "io.slimdesk.component"="svc" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/venv/bin/svc"]

# slimdesk 0.1.0: python distroless --component svc --path packages/svc --lines -kPby..FV62y.K2HNq.R4KiSs6nM.RjjDNV4qt.VMMoRV7fEaKd5CIBwyZ00.COg1q.RV70ivzON.CnjrU.RV70iaHNO..FoX0B.K2HNq.Vetl-.CDmfN.Clitv.UD4PA.L52_rb_ENncs9xYDmzNbZ.E0wxt.
