# Written by SlimDesk 0.1.0: chainguard for shop (ruby)
# hadolint global ignore=DL3002,DL3007,DL3018

FROM cgr.dev/chainguard/ruby:latest-dev AS build
USER 0:0
RUN apk add --no-cache build-base yaml-dev
WORKDIR /app
ENV BUNDLE_PATH="/usr/local/bundle" \
    BUNDLE_WITHOUT="development:test" \
    BUNDLE_DEPLOYMENT="1" \
    RACK_ENV="production" \
    APP_ENV="production"
COPY Gemfile Gemfile.lock ./
RUN --mount=type=cache,target=/root/.bundle/cache \
    GEM_HOME=/usr/local/bundle gem install --no-document bundler && \
    BUNDLE_GLOBAL_GEM_CACHE=true BUNDLE_USER_HOME=/root/.bundle bundle install --jobs 4 --retry 3 && \
    rm -rf /usr/local/bundle/ruby/*/cache /usr/local/bundle/ruby/*/bundler/gems/*/.git

FROM cgr.dev/chainguard/ruby:latest AS final
WORKDIR /app
ENV BUNDLE_PATH="/usr/local/bundle" \
    BUNDLE_WITHOUT="development:test" \
    BUNDLE_DEPLOYMENT="1" \
    RACK_ENV="production" \
    APP_ENV="production"
ENV HOME="/tmp"
COPY --from=build /usr/local/bundle /usr/local/bundle
ENV GEM_HOME="/usr/local/bundle"
COPY . .
USER 65532:65532
EXPOSE 9292
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="cgr.dev/chainguard/ruby:latest" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="chainguard" \
    "io.slimdesk.port"="9292" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/usr/bin/ruby", "-rbundler/setup", "/usr/local/bundle/ruby/4.0.0/bin/puma", "-b", "tcp://0.0.0.0:9292"]

# slimdesk 0.1.0: ruby chainguard --component shop --path . --lines -9Z9D..F_5m6.URHPH.RYhz1.K2HNq.VeprpkKVtXc-0tWg5b6ZJ.Cuf7Y.RraDySCyTq1TMPICr..FhTMY.K2HNq.VeprpkKVtXc-0tWg5b6ZJ.VtU5n.Cs3As.VOHX2.CnjrU.UD4PA.PHb8h.L9OoFCZYzdOJpkK9dH3vrzNbZ.EGBy9.
