# Written by SlimDesk 0.1.0: distroless for shop (python)

FROM gcr.io/distroless/python3-debian13:nonroot AS final
WORKDIR /app
ENV PYTHONUNBUFFERED="1" PYTHONDONTWRITEBYTECODE="1"
COPY . .
USER 65532:65532
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/python3-debian13:nonroot" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/bin/python3.13", "calculator.py"]

# slimdesk 0.1.0: python distroless --component shop --path . --lines .FoX0B.K2HNq.Vetl-.CnjrU.UD4PA.L9OoFb_ENdOJpxYDmzNbZ.EeqsP.
