"""A Dockerfile as data: model, parser, writer, .dockerignore, rules."""
