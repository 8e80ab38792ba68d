# Written by SlimDesk 0.1.0: slim for shop (ruby)
# hadolint global ignore=DL3008

FROM node:24-trixie-slim AS node

FROM ruby:3.4-trixie AS build
WORKDIR /app
ENV BUNDLE_PATH="/usr/local/bundle" \
    BUNDLE_WITHOUT="development:test" \
    BUNDLE_DEPLOYMENT="1" \
    RAILS_ENV="production"
COPY Gemfile Gemfile.lock .ruby-version ./
RUN --mount=type=cache,target=/root/.bundle/cache \
    BUNDLE_GLOBAL_GEM_CACHE=true BUNDLE_USER_HOME=/root/.bundle bundle install --jobs 4 --retry 3 && \
    rm -rf /usr/local/bundle/ruby/*/cache /usr/local/bundle/ruby/*/bundler/gems/*/.git
COPY . ./
COPY --from=node /usr/local/bin/node /usr/local/bin/
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN --mount=type=cache,target=/root/.npm \
    ln -sf ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && \
    node /usr/local/lib/node_modules/npm/bin/npm-cli.js install --global yarn@1.22.22 && \
    yarn install --frozen-lockfile
RUN bundle exec bootsnap precompile --gemfile app/ lib/ && \
    SECRET_KEY_BASE_DUMMY=1 bundle exec rake assets:precompile && \
    rm -rf node_modules && \
    mkdir -p tmp/pids tmp log storage db

FROM ruby:3.4-slim-trixie AS final
RUN apt-get update && \
    apt-get install -y --no-install-recommends libsqlite3-0 && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV BUNDLE_PATH="/usr/local/bundle" \
    BUNDLE_WITHOUT="development:test" \
    BUNDLE_DEPLOYMENT="1" \
    RAILS_ENV="production"
ENV HOME="/tmp"
COPY --from=build /usr/local/bundle /usr/local/bundle
COPY --from=build /app /app
COPY --from=build --chown=65532:65532 /app/tmp /app/tmp
COPY --from=build --chown=65532:65532 /app/log /app/log
COPY --from=build --chown=65532:65532 /app/storage /app/storage
COPY --from=build --chown=65532:65532 /app/db /app/db
USER 65532:65532
EXPOSE 3000
LABEL "org.opencontainers.image.title"="shop" \
    "org.opencontainers.image.base.name"="ruby:3.4-slim-trixie" \
    "io.slimdesk.component"="shop" \
    "io.slimdesk.family"="slim" \
    "io.slimdesk.port"="3000" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["bundle", "exec", "puma"]

# slimdesk 0.1.0: ruby slim --component shop --path . --lines -3j6y..FFzLQ..FA7Pf.K2HNq.VeprpkKVtXc-0KKxQ.C_A6w.RraDyq1TMPICr.CvfAx.Ch230.CTnrT.RzVPqQUdmlrw7UB5T.ROEvZ_fCLVsvVJQUY..FEhRr.R0H95LaoWWB3x.K2HNq.VeprpkKVtXc-0KKxQ.VtU5n.Cs3As.Cb2ew.CCZV7.C0P3m.CC4zf.CLE8d.UD4PA.PVG3I.L9OoF2fHtdOJpmlLEcCJhzNbZ.Ex9_Q.
