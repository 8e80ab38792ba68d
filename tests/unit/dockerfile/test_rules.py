"""One row per case: a Dockerfile, the rule, and what it says of it (line and severity), or that it is silent."""

import datetime as dt
import time

import pytest

from slimdesk.catalog.catalog import Catalog, load_catalog
from slimdesk.catalog.model import Cycle, Product
from slimdesk.dockerfile import compose
from slimdesk.dockerfile.check import check
from slimdesk.dockerfile.fixes import apply, quick_fixes
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.rules.registry import RULES
from slimdesk.dockerfile.surroundings import Surroundings

STATIC = "gcr.io/distroless/static-debian13:nonroot"
CATALOG = Catalog(
    (),
    {
        "python": Product("python", "Python", "3.14", (Cycle("3.14"), Cycle("3.10", dt.date(2026, 10, 31)))),
        "debian": Product(
            "debian",
            "Debian",
            "13",
            (Cycle("13", None, "trixie"), Cycle("12", dt.date(2026, 7, 11), "bookworm")),
        ),
        "dotnet": Product("dotnet", ".NET", "10", (Cycle("10"), Cycle("8", dt.date(2026, 11, 10)))),
    },
    dt.date(2026, 11, 20),
    dt.date(2026, 11, 21),
)

CASES = [
    # shell-form
    ("FROM alpine:3\nCMD app --x\n", "shell-form", [(2, "warning")]),
    ('FROM alpine:3\nCMD first\nCMD ["second"]\n', "shell-form", []),
    (f"FROM {STATIC}\nENTRYPOINT /app\n", "shell-form", [(2, "error")]),
    ('FROM scratch\nENTRYPOINT ["/app"]\nCMD serve -x; y\n', "shell-form", [(3, "error")]),
    ("FROM scratch\nHEALTHCHECK CMD curl -f localhost\n", "shell-form", [(2, "error")]),
    ("FROM alpine:3\nHEALTHCHECK CMD curl -f localhost\n", "shell-form", []),
    ("FROM alpine:3\nCMD []\nENTRYPOINT\n", "shell-form", []),
    (f'FROM {STATIC[:-8]}:debug\nSHELL ["/busybox/sh", "-c"]\nENTRYPOINT /app\n', "shell-form", [(3, "warning")]),
    ("FROM alpine:3 AS a\nCMD app\nFROM a\n", "shell-form", [(2, "warning")]),
    ("FROM alpine:3 AS a\nCMD app\nFROM scratch\n", "shell-form", []),
    # root-user
    ("FROM alpine:3\n", "root-user", [(1, "warning")]),
    ("FROM alpine:3\nUSER 1000\n", "root-user", []),
    ("FROM alpine:3\nUSER 1000\nUSER root\n", "root-user", [(3, "warning")]),
    ("FROM alpine:3\nUSER 0:0\n", "root-user", [(2, "warning")]),
    ("FROM scratch\n", "root-user", [(1, "warning")]),
    (f"FROM {STATIC}\n", "root-user", []),
    (f"FROM {STATIC}\nUSER root:root\n", "root-user", [(2, "warning")]),
    ("FROM company.example/base:1\n", "root-user", []),
    # user-name
    ("FROM alpine:3\nUSER nobody\n", "user-name", [(2, "info")]),
    ("FROM alpine:3\nUSER 65532:65532\n", "user-name", []),
    ("FROM alpine:3\nUSER $APP_UID\n", "user-name", []),
    ("FROM scratch\nUSER nobody\n", "user-name", [(2, "error")]),
    ("FROM scratch\nCOPY --chown=app:app . /\n", "user-name", []),
    ("FROM scratch\nCOPY --chown=app:app x /x\n", "user-name", [(2, "error")]),
    ("FROM alpine:3 AS b\nFROM scratch\nCOPY --from=b /etc/passwd /etc/passwd\nUSER nobody\n", "user-name", [(4, "info")]),
    # base-tag
    ("FROM alpine\n", "base-tag", [(1, "warning")]),
    ("FROM alpine:latest\n", "base-tag", [(1, "warning")]),
    ("FROM alpine:3.24\n", "base-tag", []),
    ("FROM alpine@sha256:" + "a" * 64 + "\n", "base-tag", []),
    ("FROM scratch\n", "base-tag", []),
    ("FROM alpine AS a\nFROM a\nFROM a AS b\n", "base-tag", [(1, "warning")]),
    ("ARG V=latest\nFROM alpine:$V\n", "base-tag", [(2, "warning")]),
    ("ARG V\nFROM alpine:$V\n", "base-tag", []),
    ("FROM cgr.dev/chainguard/static:latest\n", "base-tag", [(1, "info")]),
    ("FROM gcr.io/distroless/static:nonroot\n", "base-tag", [(1, "warning")]),
    (f"FROM {STATIC}\n", "base-tag", []),
    # ended-base
    ("FROM openjdk:17\n", "ended-base", [(1, "warning")]),
    ("FROM openjdk:27-ea-jdk\n", "ended-base", []),
    ("FROM openjdk:17 AS a\nFROM a\n", "ended-base", [(1, "warning")]),
    ("FROM adoptopenjdk/openjdk11\n", "ended-base", [(1, "warning")]),
    ("FROM maven:3-openjdk-17\n", "ended-base", [(1, "warning")]),
    ("FROM gcr.io/distroless/static-debian12\n", "ended-base", [(1, "warning")]),
    ("FROM gcr.io/distroless/java11\n", "ended-base", [(1, "warning")]),
    ("FROM gcr.io/distroless/nodejs24-debian13\n", "ended-base", []),
    ("FROM python:3.10-slim\n", "ended-base", [(1, "warning")]),
    ("FROM python:3.6\n", "ended-base", [(1, "warning")]),
    ("FROM python:3.14-slim\n", "ended-base", []),
    ("FROM python:3\n", "ended-base", []),
    ("FROM debian:bookworm-slim\n", "ended-base", [(1, "warning")]),
    ("FROM debian:12.11\n", "ended-base", [(1, "warning")]),
    ("FROM debian:trixie\n", "ended-base", []),
    ("FROM mcr.microsoft.com/dotnet/aspnet:8.0\n", "ended-base", [(1, "warning")]),
    ("FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled\n", "ended-base", []),
    # package-lists
    ("FROM debian:13\nRUN apt-get update && apt-get install -y curl\n", "package-lists", [(2, "warning")]),
    ("FROM debian:13\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n", "package-lists", []),
    ("FROM debian:13\nRUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*\n", "package-lists", [(2, "warning")]),
    ("FROM debian:13\nRUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y x\n", "package-lists", []),
    ("FROM debian:13\nRUN <<EOF\napt-get update\napt-get install -y x\nEOF\n", "package-lists", [(2, "warning")]),
    ("FROM debian:13 AS b\nRUN apt-get update\nFROM scratch\n", "package-lists", []),
    ("FROM alpine:3\nRUN apk add curl\n", "package-lists", [(2, "warning")]),
    ("FROM alpine:3\nRUN apk add --no-cache curl\n", "package-lists", []),
    ("FROM alpine:3\nRUN apk --no-cache add curl\n", "package-lists", []),
    ("FROM fedora:43\nRUN dnf install -y x\n", "package-lists", [(2, "warning")]),
    ("FROM fedora:43\nRUN dnf install -y x && dnf clean all\n", "package-lists", []),
    ("FROM python:3.14-slim\nRUN pip install -r r.txt\n", "package-lists", [(2, "warning")]),
    ("FROM python:3.14-slim\nRUN pip install --no-cache-dir -r r.txt\n", "package-lists", []),
    ("FROM python:3.14-slim\nENV PIP_NO_CACHE_DIR=1\nRUN pip install -r r.txt\n", "package-lists", []),
    ("FROM python:3.14-slim\nRUN --mount=type=cache,target=/root/.cache/pip pip install x\n", "package-lists", []),
    # secret-in-image
    ("FROM alpine:3\nENV API_KEY=abc\n", "secret-in-image", [(2, "warning")]),
    ("FROM alpine:3\nENV DB_PASSWORD hunter2\n", "secret-in-image", [(2, "warning")]),
    ("FROM alpine:3\nARG GITHUB_TOKEN\n", "secret-in-image", [(2, "warning")]),
    ("ARG NPM_TOKEN=x\nFROM alpine:3\n", "secret-in-image", [(1, "warning")]),
    ('FROM alpine:3\nENV PUBLIC_KEY=x KEYBOARD=de TOKEN_FILE=/run/t TOKEN=""\n', "secret-in-image", []),
    # copy-order
    ("FROM node:24\nCOPY . .\nRUN npm ci\n", "copy-order", [(2, "warning")]),
    ("FROM node:24\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n", "copy-order", []),
    ("FROM python:3.14\nADD ./ /app\nRUN pip install -r requirements.txt\n", "copy-order", [(2, "warning")]),
    ("FROM python:3.14\nCOPY . .\nRUN pip install .\n", "copy-order", []),
    ("FROM a:1 AS x\nFROM node:24\nCOPY --from=x . .\nRUN npm ci\n", "copy-order", []),
    ("FROM python:3.14\nCOPY uv.lock .\nRUN uv sync --no-install-project\nCOPY . .\nRUN uv sync\n", "copy-order", []),
    ("FROM node:24 AS a\nCOPY . .\nRUN npm ci\nFROM a\nRUN npm ci\n", "copy-order", [(2, "warning")]),
    # compiler-in-image
    ("FROM golang:1.27\nRUN go build\n", "compiler-in-image", [(1, "warning")]),
    ("FROM golang:1.27 AS b\nFROM scratch\n", "compiler-in-image", []),
    ("FROM golang:1.27 AS b\nFROM b\n", "compiler-in-image", [(1, "warning")]),
    ("FROM python:3.14\n", "compiler-in-image", [(1, "warning")]),
    ("FROM python:3.14-slim\n", "compiler-in-image", []),
    ("FROM eclipse-temurin:21-jdk-noble\n", "compiler-in-image", [(1, "warning")]),
    ("FROM eclipse-temurin:21-jre-noble\n", "compiler-in-image", []),
    ("FROM python:3.14-slim\nRUN apt-get install -y gcc libc6-dev\n", "compiler-in-image", [(2, "warning")]),
    ("FROM python:3.14-slim\nRUN apt-get install -y gcc && make && apt-get purge -y gcc\n", "compiler-in-image", []),
    ("FROM python:3.14-slim\nRUN apt-get install -y libgcc-s1\n", "compiler-in-image", []),
    # add-url
    ("FROM alpine:3\nADD https://example.com/a.tgz /\n", "add-url", [(2, "warning")]),
    ("FROM alpine:3\nADD --checksum=sha256:" + "a" * 64 + " https://example.com/a.tgz /\n", "add-url", []),
    ("FROM alpine:3\nADD a.tgz /\n", "add-url", []),
    # run-without-shell
    ("FROM scratch\nRUN echo x\n", "run-without-shell", [(2, "error")]),
    (f'FROM {STATIC}\nRUN ["/app", "--check"]\n', "run-without-shell", []),
    (f"FROM {STATIC}\nRUN mkdir /data\n", "run-without-shell", [(2, "error")]),
    ("FROM scratch\nADD rootfs.tar /\nRUN echo x\n", "run-without-shell", []),
    ("FROM scratch\nCOPY --from=busybox:1 /bin/ /bin/\nRUN echo x\n", "run-without-shell", []),
    ("FROM scratch AS unused\nRUN x\nFROM alpine:3\n", "run-without-shell", []),
    ("FROM company.example/base:1\nRUN x\n", "run-without-shell", []),
    # copy-from
    ("FROM alpine:3 AS build\nFROM scratch\nCOPY --from=biuld /a /a\n", "copy-from", [(3, "error")]),
    ("FROM alpine:3 AS build\nFROM scratch\nCOPY --from=assets /a /a\n", "copy-from", [(3, "warning")]),
    ("FROM alpine:3 AS build\nFROM scratch\nCOPY --from=busybox /bin/sh /sh\n", "copy-from", []),
    ("FROM alpine:3\nCOPY --from=ghcr.io/x/y:1 /a /a\n", "copy-from", []),
    ("FROM alpine:3 AS build\nFROM scratch\nCOPY --from=0 /a /a\n", "copy-from", [(3, "info")]),
    ("FROM alpine:3 AS build\nFROM scratch\nCOPY --from=Build /a /a\n", "copy-from", []),
    ("FROM alpine:3\nCOPY --from=later /a /a\nFROM scratch AS later\n", "copy-from", [(2, "error")]),
    ("FROM alpine:3 AS build\nFROM alpine:3\nRUN --mount=from=buidl,target=/x y\n", "copy-from", [(3, "error")]),
    # libc-mismatch
    ("FROM rust:1-alpine AS b\nFROM debian:13\nCOPY --from=b /t/app /app\n", "libc-mismatch", [(3, "error")]),
    ("FROM rust:1-alpine AS b\nRUN cargo build --target x86_64-unknown-linux-musl\nFROM debian:13\nCOPY --from=b /t/a /a\n", "libc-mismatch", []),
    ("FROM rust:1 AS b\nFROM gcr.io/distroless/cc-debian12\nCOPY --from=b /t/app /app\n", "libc-mismatch", [(3, "warning")]),
    ("FROM rust:1-bookworm AS b\nFROM gcr.io/distroless/cc-debian13\nCOPY --from=b /t/app /app\n", "libc-mismatch", []),
    (f"FROM golang:1.27 AS b\nRUN go build -o /app\nFROM {STATIC}\nCOPY --from=b /app /app\n", "libc-mismatch", [(4, "warning")]),
    (f"FROM golang:1.27 AS b\nRUN CGO_ENABLED=0 go build -o /app\nFROM {STATIC}\nCOPY --from=b /app /app\n", "libc-mismatch", []),
    ("FROM golang:1.27 AS b\nENV CGO_ENABLED=0\nFROM scratch\nCOPY --from=b /app /app\n", "libc-mismatch", []),
    ("FROM golang:1.27-alpine AS b\nFROM scratch\nCOPY --from=b /app /app\n", "libc-mismatch", []),
    ("FROM golang:1.27 AS b\nFROM scratch\nCOPY --from=b /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n", "libc-mismatch", []),
    ("FROM node:24-alpine AS b\nFROM node:24-slim\nCOPY --from=b /app/node_modules /app/node_modules\n", "libc-mismatch", [(3, "warning")]),
    ("FROM node:24-alpine AS b\nFROM nginx:1.30\nCOPY --from=b /app/dist /usr/share/nginx/html\n", "libc-mismatch", []),
    ("FROM maven:3-eclipse-temurin-21-alpine AS b\nFROM eclipse-temurin:21-jre\nCOPY --from=b /a/x.bin /x\n", "libc-mismatch", []),
    # base-entrypoint
    ('FROM gcr.io/distroless/java21-debian13\nCMD ["java", "-jar", "app.jar"]\n', "base-entrypoint", [(2, "error")]),
    ('FROM gcr.io/distroless/java21-debian13\nCMD ["app.jar"]\n', "base-entrypoint", []),
    ('FROM gcr.io/distroless/nodejs24-debian13\nCMD ["node", "x.js"]\n', "base-entrypoint", [(2, "error")]),
    ('FROM gcr.io/distroless/python3-debian13\nCMD ["python", "x.py"]\n', "base-entrypoint", [(2, "error")]),
    ('FROM gcr.io/distroless/java21-debian13\nENTRYPOINT []\nCMD ["java", "-jar", "a"]\n', "base-entrypoint", []),
    ('FROM node:24\nCMD ["node", "x.js"]\n', "base-entrypoint", []),
    ('FROM gcr.io/distroless/java21-debian13\nCMD ["Main"]\n', "base-entrypoint", [(2, "error")]),
    ('FROM gcr.io/distroless/nodejs24-debian13\nCMD ["npm", "start"]\n', "base-entrypoint", [(2, "error")]),
    ('FROM eclipse-temurin:21-jre\nENTRYPOINT ["java", "-jar", "a.jar"]\nCMD ["Main"]\n', "base-entrypoint", [(3, "error")]),
    ('FROM eclipse-temurin:21-jre\nENTRYPOINT ["java", "-jar", "a.jar"]\nCMD ["--port=1"]\n', "base-entrypoint", []),
    # needs-shell
    (f'FROM {STATIC}\nENTRYPOINT ["/entrypoint.sh"]\n', "needs-shell", [(2, "error")]),
    ('FROM scratch\nCMD ["sh", "-c", "x"]\n', "needs-shell", [(2, "error")]),
    ('FROM alpine:3\nENTRYPOINT ["/entrypoint.sh"]\n', "needs-shell", []),
    (f'FROM {STATIC}\nENTRYPOINT ["/app"]\nCMD ["sh"]\n', "needs-shell", []),
    # quoted-list
    ("FROM node:24\nCMD ['node', 'x.js']\n", "quoted-list", [(2, "error")]),
    ("FROM node:24\nCMD [node, x.js]\n", "quoted-list", [(2, "error")]),
    ('FROM node:24\nCMD ["node", "x.js",]\n', "quoted-list", [(2, "error")]),
    ("FROM node:24\nRUN [ -f x ] && touch y\n", "quoted-list", []),
    ('FROM node:24\nCMD ["node", "x.js"]\n', "quoted-list", []),
    # copy-path
    ("FROM golang:1.27 AS b\nWORKDIR /app\nRUN go build -o main\nFROM scratch\nCOPY --from=b /main /main\n", "copy-path", [(5, "error")]),
    ("FROM maven:3 AS b\nWORKDIR /app\nRUN mvn package\nFROM scratch\nCOPY --from=b /src/target/a.jar /a\n", "copy-path", [(5, "error")]),
    ("FROM maven:3 AS b\nWORKDIR /app\nRUN mvn package\nFROM scratch\nCOPY --from=b target/a.jar /a\n", "copy-path", [(5, "error")]),
    ("FROM gradle:9 AS b\nWORKDIR /app\nRUN gradle build\nFROM scratch\nCOPY --from=b /app/target/a.jar /a\n", "copy-path", [(5, "error")]),
    ("FROM maven:3 AS b\nWORKDIR /app\nRUN mvn package\nFROM scratch\nCOPY --from=b /app/target/a.jar /a\n", "copy-path", []),
    ("FROM golang:1.27 AS b\nWORKDIR /app\nRUN go build -o /main\nFROM scratch\nCOPY --from=b /main /etc/ssl/certs /\n", "copy-path", []),
    ("FROM golang:1.27 AS b\nWORKDIR /app\nRUN make all\nFROM scratch\nCOPY --from=b /main /main\n", "copy-path", []),
    # missing-base
    ("FROM golang:1.27-slim\n", "missing-base", [(1, "error")]),
    ("FROM java:11\n", "missing-base", [(1, "error")]),
    ("FROM eclipse-temurin:17-jre-slim\n", "missing-base", [(1, "error")]),
    ("FROM gcr.io/distroless/static-debian13:nonroot-debug\n", "missing-base", [(1, "error")]),
    ("FROM gcr.io/distroless/python3.11\n", "missing-base", [(1, "error")]),
    ("FROM mcr.microsoft.com/dotnet/aspnet:10.0-bookworm-slim\n", "missing-base", [(1, "error")]),
    ("FROM golang:1.27-alpine\n", "missing-base", []),
    ("FROM gcr.io/distroless/nodejs24-debian13:debug-nonroot\n", "missing-base", []),
    # missing-package
    ("FROM debian:trixie\nRUN apt-get update && apt-get install -y openjdk-8-jdk curl\n", "missing-package", [(2, "error")]),
    ("FROM python:3.14-slim\nRUN apt-get update && apt-get install -y libgl1-mesa-glx netcat\n", "missing-package", [(2, "error"), (2, "error")]),
    ("FROM alpine:3.24\nRUN apk add --no-cache python py-pip\n", "missing-package", [(2, "error"), (2, "error")]),
    ("FROM debian:bullseye\nRUN apt-get install -y libssl1.1\n", "missing-package", []),
    ("FROM ubuntu:24.04\nRUN apt-get install -y openjdk-8-jdk\n", "missing-package", []),
    ("FROM debian:trixie\nRUN apt-get install -y python3-pip libpq5=17.* && echo python\n", "missing-package", []),
    ("FROM python:3.14.1-slim\nRUN apt-get install -y netcat\n", "missing-package", []),
    ("FROM python:3.10-slim\nRUN apt-get install -y netcat\n", "missing-package", []),
    ("FROM node:24-alpine3.12\nRUN apk add python2\n", "missing-package", []),
    # missing-user
    ("FROM python:3.14-slim\nUSER appuser\n", "missing-user", [(2, "error")]),
    ("FROM gcr.io/distroless/static-debian13\nUSER app\n", "missing-user", [(2, "error")]),
    ("FROM node:24\nUSER node\n", "missing-user", []),
    ("FROM python:3.14-slim\nRUN useradd app\nUSER app\n", "missing-user", []),
    ("FROM company.example/x:1\nUSER app\n", "missing-user", []),
    # foreign-tool
    ("FROM alpine:3\nRUN apt-get update\n", "foreign-tool", [(2, "error")]),
    ("FROM node:24-slim\nRUN apk add curl\n", "foreign-tool", [(2, "error")]),
    ("FROM alpine:3\nRUN useradd -m app\n", "foreign-tool", [(2, "error")]),
    ("FROM debian:13\nRUN addgroup -S app && adduser -S -G app app\n", "foreign-tool", [(2, "error")]),
    ("FROM debian:13\nRUN adduser --system app\n", "foreign-tool", []),
    ("FROM alpine:3\nRUN apk add --no-cache shadow && useradd app\n", "foreign-tool", []),
    ("FROM amazoncorretto:21\nRUN yum install -y x\n", "foreign-tool", []),
    ("FROM cgr.dev/chainguard/wolfi-base\nRUN apk add --no-cache curl\n", "foreign-tool", []),
    ("FROM cgr.dev/chainguard/wolfi-base\nRUN apt-get update\n", "foreign-tool", [(2, "error")]),
    ("FROM cgr.dev/chainguard/wolfi-base\nRUN addgroup -S app\n", "foreign-tool", []),
    # sudo
    ("FROM debian:13\nRUN sudo apt-get update\n", "sudo", [(2, "error")]),
    ("FROM company.example/x:1\nRUN sudo x\n", "sudo", [(2, "info")]),
    ("FROM debian:13\nRUN apt-get install -y sudo\n", "sudo", []),
    ("FROM debian:13\nRUN apt-get install -y sudo\nRUN sudo x\n", "sudo", [(3, "info")]),
    # python-runtime
    ('FROM python:3.11-slim AS b\nFROM gcr.io/distroless/python3-debian13\nCOPY --from=b /usr/local/lib/python3.11/site-packages /p\nCMD ["a.py"]\n', "python-runtime", [(1, "error")]),
    ('FROM python:3.13-slim AS b\nFROM gcr.io/distroless/python3-debian13\nCOPY --from=b /venv /venv\nENTRYPOINT ["/venv/bin/gunicorn", "a:a"]\n', "python-runtime", [(4, "error")]),
    ('FROM python:3.13-slim AS b\nFROM gcr.io/distroless/python3-debian13\nCOPY --from=b /venv /venv\nCMD ["a.py"]\n', "python-runtime", []),
    # corepack
    ("FROM node:26-slim\nRUN corepack enable\n", "corepack", [(2, "error")]),
    ("FROM node:26-slim\nRUN yarn install\n", "corepack", [(2, "error")]),
    ("FROM node:24-slim\nRUN corepack enable && pnpm install\n", "corepack", []),
    ("FROM node:26-slim\nRUN npm install -g corepack@latest && corepack enable && pnpm install\n", "corepack", []),
    # dev-dependencies
    ("FROM node:24 AS b\nRUN npm ci --omit=dev\nRUN npm run build\nFROM scratch\nCOPY --from=b /d /d\n", "dev-dependencies", [(3, "error")]),
    ("FROM node:24 AS b\nENV NODE_ENV=production\nRUN npm ci\nRUN npx tsc\nFROM b\n", "dev-dependencies", [(4, "error")]),
    ("FROM node:24-slim\nRUN npm ci\nCMD node x.js\n", "dev-dependencies", [(2, "warning")]),
    ("FROM node:24 AS b\nWORKDIR /app\nRUN npm ci\nFROM node:24-slim\nCOPY --from=b /app/node_modules /n\n", "dev-dependencies", [(5, "warning")]),
    ("FROM node:24 AS b\nRUN npm ci && npm run build && npm prune --omit=dev\nFROM node:24-slim\nCOPY --from=b /app/node_modules /n\n", "dev-dependencies", []),
    ("FROM node:24-slim\nRUN npm ci --omit=dev\n", "dev-dependencies", []),
    ("FROM node:24 AS b\nRUN npm ci\nRUN npm run build\nFROM nginx:1.30\nCOPY --from=b /app/dist /usr/share/nginx/html\n", "dev-dependencies", []),
    # nginx-user
    ("FROM nginx:1.30\nUSER nginx\n", "nginx-user", [(2, "error")]),
    ("FROM nginx:1.30\nRUN chown -R nginx /var/cache/nginx\nUSER nginx\n", "nginx-user", []),
    ("FROM nginxinc/nginx-unprivileged:1.30\nUSER 101\n", "nginx-user", []),
    # health-tool
    ("FROM python:3.14-slim\nHEALTHCHECK CMD curl -f http://localhost/\n", "health-tool", [(2, "error")]),
    (f'FROM {STATIC}\nHEALTHCHECK CMD ["wget", "x"]\n', "health-tool", [(2, "error")]),
    ("FROM python:3.14-slim\nRUN apt-get install -y curl\nHEALTHCHECK CMD curl -f x\n", "health-tool", []),
    ("FROM alpine:3\nHEALTHCHECK CMD wget -q x\n", "health-tool", []),
    ("FROM alpine:3\nHEALTHCHECK NONE\n", "health-tool", []),
    # expose
    ("FROM alpine:3\nEXPOSE 8080:80\n", "expose", [(2, "warning")]),
    ("FROM alpine:3\nEXPOSE 8080 53/udp $PORT 1-9\n", "expose", []),
    ("FROM alpine:3\nEXPOSE 0\nEXPOSE 65535\n", "expose", [(2, "error")]),
    # secret-file
    ("FROM alpine:3\nCOPY id_rsa /root/.ssh/\n", "secret-file", [(2, "warning")]),
    ("FROM alpine:3\nCOPY .env .\n", "secret-file", [(2, "warning")]),
    ("FROM alpine:3\nCOPY .env.example ca.pem id_rsa.pub ./\n", "secret-file", []),
    # whole-system
    ("FROM ubuntu:24.04\n", "whole-system", [(1, "warning")]),
    ("FROM debian:trixie-slim\n", "whole-system", []),
    ("FROM ubuntu:24.04 AS b\nFROM scratch\n", "whole-system", []),
    # apt
    ("FROM debian:13\nRUN apt-get update && apt-get install --no-install-recommends curl\n", "apt", [(2, "error")]),
    ("FROM debian:13\nRUN apt-get install -y --no-install-recommends curl\n", "apt", [(2, "error")]),
    ("FROM debian:13\nRUN apt-get update\nRUN apt-get install -y --no-install-recommends curl\n", "apt", [(2, "warning")]),
    ("FROM debian:13\nRUN apt update && apt install -y --no-install-recommends curl\n", "apt", [(2, "info")]),
    ("FROM debian:13\nRUN apt-get update && apt-get install -y curl\n", "apt", [(2, "info")]),
    ("FROM debian:13\nRUN apt-get update && apt-get install -yq --no-install-recommends curl\n", "apt", []),
    # pipe-to-shell
    ("FROM alpine:3\nRUN curl -fsSL https://x.example/i.sh | bash -\n", "pipe-to-shell", [(2, "warning")]),
    ("FROM alpine:3\nRUN curl -fsSL https://x.example/i.tgz | tar xz\n", "pipe-to-shell", []),
    # add-local
    ("FROM alpine:3\nADD app.jar /\n", "add-local", [(2, "info")]),
    ("FROM alpine:3\nADD rootfs.tar.gz /\nADD https://x.example/a /\n", "add-local", []),
    # npm
    ("FROM node:24\nCOPY package-lock.json .\nRUN npm install\n", "npm", [(3, "warning")]),
    ("FROM node:24\nRUN npm ci --only=production\n", "npm", [(2, "warning")]),
    ('FROM node:24\nCMD ["npm", "start"]\n', "npm", [(2, "warning")]),
    ("FROM node:24\nCOPY package-lock.json .\nRUN npm install -g pm2 && npm ci --omit=dev\n", "npm", []),
    # late-change
    ("FROM alpine:3\nCOPY . /app\nRUN chown -R 1000 /app\n", "late-change", [(3, "warning")]),
    ("FROM alpine:3\nRUN mkdir /d && chown -R 1000 /d\nCOPY . /app\n", "late-change", []),
    ("FROM alpine:3\nCOPY x /app/\nRUN touch /run/p && chown -R 1 /run/p\n", "late-change", []),
    ("FROM alpine:3\nWORKDIR /app\nCOPY x .\nRUN chown -R 1 . && chmod -R 700 .\n", "late-change", [(4, "warning")]),
    # lost-state
    ("FROM alpine:3\nRUN cd /app\n", "lost-state", [(2, "warning")]),
    ("FROM alpine:3\nRUN export A=1\n", "lost-state", [(2, "warning")]),
    ("FROM debian:13\nRUN source x && make\n", "lost-state", [(2, "error")]),
    ("FROM alpine:3\nRUN cd /app && make\n", "lost-state", []),
    # relative-workdir
    ("FROM alpine:3\nWORKDIR app\n", "relative-workdir", [(2, "warning")]),
    ("FROM alpine:3\nWORKDIR /app\nWORKDIR src\nWORKDIR $X\n", "relative-workdir", []),
    # exec-variable
    ('FROM eclipse-temurin:21-jre\nENTRYPOINT ["java", "$JAVA_OPTS", "-jar", "a.jar"]\n', "exec-variable", [(2, "warning")]),
    ('FROM alpine:3\nENTRYPOINT ["sh", "-c", "exec $X"]\n', "exec-variable", []),
    # development-server
    ('FROM python:3.14\nCMD ["python", "manage.py", "runserver", "0.0.0.0:8000"]\n', "development-server", [(2, "warning")]),
    ('FROM node:24\nCMD ["npm", "run", "dev"]\n', "development-server", [(2, "warning")]),
    ('FROM python:3.14\nCMD ["uvicorn", "a:app"]\n', "development-server", []),
    # spring-loader
    ('FROM eclipse-temurin:21-jre\nENTRYPOINT ["java", "org.springframework.boot.loader.JarLauncher"]\n', "spring-loader", [(2, "warning")]),
    ("FROM eclipse-temurin:21-jre\nRUN java -Djarmode=layertools -jar a.jar extract\n", "spring-loader", [(2, "info")]),
    ('FROM eclipse-temurin:21-jre\nENTRYPOINT ["java", "org.springframework.boot.loader.launch.JarLauncher"]\n', "spring-loader", []),
    # overruled
    ("FROM alpine:3\nCMD a\nCMD b\n", "overruled", [(2, "warning")]),
    ("FROM alpine:3 AS a\nCMD a\nFROM a\nCMD b\n", "overruled", []),
    # unused-stage
    ("FROM alpine:3 AS tools\nFROM alpine:3\n", "unused-stage", [(1, "info")]),
    ("FROM alpine:3\nFROM alpine:3\n", "unused-stage", [(1, "warning")]),
    ("FROM alpine:3 AS test\nFROM alpine:3\n", "unused-stage", []),
    # maintainer
    ("FROM alpine:3\nMAINTAINER Ann <a@x.example>\n", "maintainer", [(2, "info")]),
    ("FROM alpine:3\nLABEL maintainer=x\n", "maintainer", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rule", "expected"), CASES, ids=lambda value: repr(value)[:70])
def test_rule(text, rule, expected):
    found = [one for one in check(parse(text), CATALOG, "Dockerfile") if one.rule == rule]
    assert sorted((one.line, one.severity) for one in found) == sorted(expected)
    for one in found:
        assert one.path == "Dockerfile"
        assert one.message
        assert one.fix


def test_every_rule_has_a_name_of_its_own_and_cases_that_it_catches_and_spares():
    names = [rule.RULE for rule in RULES]
    assert len(set(names)) == len(names)
    elsewhere = {"no-dockerignore"}
    assert {rule for _, rule, expected in CASES if expected} | elsewhere == set(names)
    assert {rule for _, rule, expected in CASES if not expected} | elsewhere == set(names)


@pytest.mark.parametrize(
    ("names", "ignored", "expected"),
    [
        ({"main.go", ".git"}, None, [(2, "warning")]),
        ({"main.go"}, None, [(2, "info")]),
        ({"main.go", ".git", "node_modules"}, ".git\n", [(2, "warning")]),
        ({"main.go", ".git", "node_modules"}, "**/.git\nnode_modules/\n", []),
        ({"main.go", ".git"}, "[", []),
    ],
)
def test_a_folder_that_is_copied_whole_wants_a_dockerignore(names, ignored, expected):
    around = Surroundings(frozenset(names), ignored)
    found = check(parse("FROM alpine:3\nCOPY . .\n"), CATALOG, None, around)
    assert [(one.line, one.severity) for one in found if one.rule == "no-dockerignore"] == expected
    only_some = check(parse("FROM alpine:3\nCOPY src .\n"), CATALOG, None, around)
    assert "no-dockerignore" not in {one.rule for one in only_some}


@pytest.mark.parametrize(("text", "rule", "expected"), CASES, ids=lambda value: repr(value)[:70])
def test_a_quick_fix_takes_its_finding_away_and_the_text_stays_readable(text, rule, expected):
    found = tuple(one for one in check(parse(text), CATALOG) if one.rule == rule)
    for fix in quick_fixes(text, found, CATALOG):
        after = apply(text, fix)
        assert fix.title
        left = [
            one
            for one in check(parse(after), CATALOG)
            if (one.rule, one.severity) == (rule, fix.finding.severity)
        ]
        assert len(left) < len(expected)


def test_the_worst_comes_first():
    found = check(parse("FROM python\nENV TOKEN=x\nUSER app\nFROM scratch\nUSER app\nRUN x\n"))
    order = {"error": 0, "warning": 1, "info": 2}
    assert [order[one.severity] for one in found] == sorted(order[one.severity] for one in found)
    assert found[0].severity == "error"


def test_a_slim_dockerfile_has_no_findings():
    text = (
        "FROM golang:1.27-trixie AS build\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\n"
        f'RUN CGO_ENABLED=0 go build -o /app\nFROM {STATIC}\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]\n'
    )
    assert check(parse(text), load_catalog()) == ()


def test_a_model_that_was_never_written_has_no_lines():
    stage = compose.stage("final", "alpine", "why", [])
    assert {one.line for one in check(Dockerfile((stage,)))} == {None}


def test_the_fix_for_shell_form_is_exec_form():
    found = [
        one for one in check(parse("FROM alpine:3\nCMD exec python app.py\n")) if one.rule == "shell-form"
    ]
    assert found[0].fix == 'CMD ["python", "app.py"]'


def test_the_catalogue_knows_its_own_images_exactly():
    catalog = load_catalog()
    image = next(one for one in catalog.images if not one.shell and one.name != "scratch")
    found = check(parse(f"FROM {image.reference}\nRUN x\n"), catalog)
    assert "run-without-shell" in {one.rule for one in found}


def test_long_commands_take_no_time_worth_telling():
    long = [
        "apt-get install " * 4000,
        "rm -r " * 10_000,
        "npm " * 15_000,
        "apk " * 15_000 + "add",
        "CGO_ENABLED=" * 5000,
    ]
    text = "FROM debian:13\nCOPY . .\n" + "".join(f"RUN {one}\n" for one in long)
    started = time.process_time()
    check(parse(text))
    # A pattern that looks back again and again takes minutes here.
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("base", "mended"), [("httpd:2.4", False), ("nginx:1.30", False), ("python:3.14-slim", True)]
)
def test_a_web_server_that_needs_root_is_told_of_but_no_line_mends_it(base, mended):
    text = f'FROM {base}\nCOPY site /srv\nCMD ["start"]\n'
    found = check(parse(text), CATALOG, "Dockerfile")
    assert "root-user" in {one.rule for one in found}
    assert ("root-user" in {fix.finding.rule for fix in quick_fixes(text, found, CATALOG)}) is mended


@pytest.mark.parametrize(
    ("install", "light"),
    [
        ("npm ci", "npm ci --omit=dev"),
        ("pnpm install --frozen-lockfile", "pnpm install --prod"),
        ("yarn install --pure-lockfile", "yarn install --production"),
    ],
)
def test_the_advice_against_development_dependencies_is_in_the_words_of_the_tool(install, light):
    found = check(parse(f"FROM node:24-slim\nRUN {install}\nCMD node x.js\n"))
    assert [one.fix for one in found if one.rule == "dev-dependencies"] == [light]
