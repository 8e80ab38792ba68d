# Written by SlimDesk 0.1.0: alpine for shop (ruby)
# hadolint global ignore=DL3018

FROM ruby:3.4-alpine3.24 AS build
RUN apk add --no-cache build-base yaml-dev libpq-dev
WORKDIR /app
ENV BUNDLE_PATH="/usr/local/bundle" \
    BUNDLE_WITHOUT="development:test" \
    BUNDLE_DEPLOYMENT="1" \
    RACK_ENV="production" \
    APP_ENV="production"
COPY Gemfile Gemfile.lock ./
RUN --mount=type=cache,target=/root/.bundle/cache \
    BUNDLE_GLOBAL_GEM_CACHE=true BUNDLE_USER_HOME=/root/.bundle bundle install --jobs 4 --retry 3 && \
    rm -rf /usr/local/bundle/ruby/*/cache /usr/local/bundle/ruby/*/bundler/gems/*/.git

FROM ruby:3.4-alpine3.24 AS final
RUN apk add --no-cache libpq
WORKDIR /app
ENV BUNDLE_PATH="/usr/local/bundle" \
    BUNDLE_WITHOUT="development:test" \
    BUNDLE_DEPLOYMENT="1" \
    RACK_ENV="production" \
    APP_ENV="production"
ENV HOME="/tmp"
COPY --from=build /usr/local/bundle /usr/local/bundle
COPY . .
USER 65532:65532
EXPOSE 9292
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="ruby:3.4-alpine3.24" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="alpine" \
    "io.slimdesk.port"="9292" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["bundle", "exec", "puma", "-b", "tcp://0.0.0.0:9292"]

# slimdesk 0.1.0: ruby alpine --component shop --path . --lines -rAIR..FyC3-.RJT9N.K2HNq.VeprpkKVtXc-0tWg5b6ZJ.Cuf7Y.RraDyq1TMPICr..Fa7o1.Ri7Lc.K2HNq.VeprpkKVtXc-0tWg5b6ZJ.VtU5n.Cs3As.CnjrU.UD4PA.PHb8h.L9OoFUpxrdOJpAxMqH3vrzNbZ.E-vR-.
