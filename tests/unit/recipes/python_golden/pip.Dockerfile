# Written by SlimDesk 0.1.0: distroless for shop (python)

FROM python:3.13-slim-trixie AS build
WORKDIR /app
RUN ln -sf /usr/local/bin/python3 /usr/bin/python3.13 && \
    /usr/bin/python3.13 -m venv --without-pip /venv
COPY requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip pip --python /venv install -r requirements.txt

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
ENTRYPOINT ["/venv/bin/python", "-m", "uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]

# slimdesk 0.1.0: python distroless --component shop --path . --lines .FV62y.K2HNq.R4KiSs6nM.CZsan.RXwM3..FoX0B.K2HNq.Vetl-.CDmfN.CnjrU.UD4PA.PQCGF.L9OoFb_ENdOJpxYDmrzTrzNbZ.ERnpI.
