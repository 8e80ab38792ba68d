# Written by SlimDesk 0.1.0: distroless for shop (python)
# hadolint global ignore=DL3013

FROM python:3.13-slim-trixie AS build
WORKDIR /app
RUN ln -sf /usr/local/bin/python3 /usr/bin/python3.13 && \
    /usr/bin/python3.13 -m venv --without-pip /venv
RUN --mount=type=cache,target=/root/.cache/pip python3 -m venv /tools && \
    /tools/bin/pip install poetry==2.5.1 poetry-plugin-export==1.10.1
COPY pyproject.toml poetry.lock ./
RUN --mount=type=cache,target=/root/.cache/pip \
    /tools/bin/poetry export --only main --output /tmp/requirements.txt && \
    pip --python /venv install -r /tmp/requirements.txt

FROM gcr.io/distroless/python3-debian13:nonroot AS final
WORKDIR /app
ENV PYTHONUNBUFFERED="1" PYTHONDONTWRITEBYTECODE="1"
COPY --from=build /venv /venv
COPY . .
USER 65532:65532
EXPOSE 8000
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/python3-debian13:nonroot" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.port"="8000" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/venv/bin/python", "-m", "gunicorn", "--bind", "0.0.0.0:8000", "app:app"]

# slimdesk 0.1.0: python distroless --component shop --path . --lines -kPby..FV62y.K2HNq.R4KiSs6nM.RjjDNiEMo.CQ1wa.R-C5JQ7d8ldpP..FoX0B.K2HNq.Vetl-.CDmfN.CnjrU.UD4PA.PQCGF.L9OoFb_ENdOJpxYDmrzTrzNbZ.EcfVc.
