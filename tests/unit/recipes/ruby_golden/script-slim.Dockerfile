# Written by SlimDesk 0.1.0: slim for shop (ruby)

FROM ruby:3.4-slim-trixie AS final
WORKDIR /app
COPY . .
USER 65532:65532
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="ruby:3.4-slim-trixie" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="slim" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["ruby", "main.rb"]

# slimdesk 0.1.0: ruby slim --component shop --path . --lines .FEhRr.K2HNq.CnjrU.UD4PA.L9OoF2fHtdOJpmlLEzNbZ.EDnfb.
