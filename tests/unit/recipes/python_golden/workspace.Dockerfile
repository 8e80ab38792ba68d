FROM python:3.13-slim-trixie AS build
WORKDIR /app
RUN ln -sf /usr/local/bin/python3 /usr/bin/python3.13 && \
    /usr/bin/python3.13 -m venv --without-pip /venv
COPY pyproject.toml ./
RUN --mount=type=cache,target=/root/.cache/pip python3 -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project'].get('dependencies', []), sep='\\n')" > /tmp/requirements.txt && \
    pip --python /venv install -r /tmp/requirements.txt
COPY . .
RUN --mount=type=cache,target=/root/.cache/pip pip --python /venv install --no-deps .

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
