"""What the npm packages that a project asks for say about it: frameworks, front ends, native add-ons, browsers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.project.languages.node_package import Package


@dataclass(frozen=True, slots=True)
class Framework:
    """`label` is its word in `detect`. `port` is where its own server listens when nothing is said; None: the code says.

    `host_env` is the variable by which that server takes the address to listen on.
    """

    package: str
    label: str
    port: int | None = None
    host_env: str | None = None


# The first that is asked for wins: a framework stands before what it is built on.
SERVER_FRAMEWORKS = (
    Framework("next", "next", 3000, "HOSTNAME"),
    Framework("nuxt", "nuxt", 3000, "HOST"),
    Framework("@remix-run/serve", "remix", 3000, "HOST"),
    Framework("@react-router/serve", "react-router", 3000, "HOST"),
    Framework("@sveltejs/adapter-node", "sveltekit", 3000, "HOST"),
    Framework("@astrojs/node", "astro", 4321, "HOST"),
    Framework("@angular/ssr", "angular", 4000),
    Framework("@strapi/strapi", "strapi", 1337, "HOST"),
    Framework("@nestjs/core", "nest"),
    Framework("@adonisjs/core", "adonis", 3333, "HOST"),
    Framework("@feathersjs/feathers", "feathers"),
    Framework("@loopback/rest", "loopback", 3000, "HOST"),
    Framework("sails", "sails", 1337),
    Framework("moleculer-web", "moleculer", 3000),
    Framework("fastify", "fastify"),
    Framework("@hapi/hapi", "hapi"),
    Framework("hono", "hono"),
    Framework("@hono/node-server", "hono"),
    Framework("koa", "koa"),
    Framework("express", "express"),
    Framework("restify", "restify"),
    Framework("polka", "polka"),
    Framework("h3", "h3"),
    Framework("micro", "micro", 3000),
    Framework("elysia", "elysia"),
    Framework("@apollo/server", "apollo", None),
    Framework("apollo-server", "apollo", 4000),
    Framework("graphql-yoga", "graphql-yoga"),
    Framework("socket.io", "socket.io"),
    Framework("ws", "ws"),
)

# What only the build needs, so that it stands among devDependencies, though its output is a server.
_BUILD_ONLY = frozenset({"nuxt", "@sveltejs/adapter-node", "@astrojs/node"})

# Tools whose result is files for a web server: without one of the frameworks above they make a front end. The first that
# is asked for wins: a framework stands before what it is built on.
WEB_TOOLS = {
    "@angular/cli": "angular", "@angular-devkit/build-angular": "angular", "@angular/build": "angular", "@sveltejs/kit": "sveltekit",
    "@react-router/dev": "react-router", "@remix-run/dev": "react-router", "nuxt": "nuxt", "next": "next", "gatsby": "gatsby",
    "@docusaurus/core": "docusaurus", "vitepress": "vitepress", "vuepress": "vuepress", "astro": "astro",
    "react-scripts": "create-react-app", "@craco/craco": "create-react-app", "@vue/cli-service": "vue-cli",
    "@11ty/eleventy": "eleventy", "preact-cli": "preact", "@storybook/cli": "storybook", "@rsbuild/core": "rsbuild", "hexo": "hexo",
    "vite": "vite", "rolldown-vite": "vite", "parcel": "parcel", "webpack-dev-server": "webpack",
}  # fmt: skip

# Packages with a compiled part. True: there is usually a ready-made binary for each platform and C library; False: it
# is often compiled when it is installed. @prisma/engines is none of them: `prisma generate` fetches what it lacks.
NATIVE = {
    "better-sqlite3": False, "sqlite3": False, "bcrypt": True, "argon2": True, "canvas": False, "@napi-rs/canvas": True,
    "sharp": True, "node-sass": False, "sodium-native": True, "zeromq": True, "node-pty": False, "usb": True,
    "serialport": True, "@serialport/bindings-cpp": True, "re2": False, "snappy": True, "leveldown": True,
    "classic-level": True, "isolated-vm": False, "node-rdkafka": False, "kafkajs-snappy": True, "libpq": False,
    "pg-native": False, "oracledb": True, "ibm_db": False, "odbc": False, "grpc": False, "bufferutil": True,
    "utf-8-validate": True, "@node-rs/argon2": True, "@node-rs/bcrypt": True, "@prisma/client": True,
    "lmdb": True, "msgpackr-extract": True, "microtime": False, "deasync": False,
    "hiredis": False, "@tensorflow/tfjs-node": True, "onnxruntime-node": True, "couchbase": True, "robotjs": False,
    "gl": False, "node-canvas": False, "@confluentinc/kafka-javascript": True, "ssh2": True,
    "farmhash": True, "xxhash": False, "heapdump": False, "appmetrics": False, "dtrace-provider": False, "libxmljs": False,
    "libxmljs2": False, "unix-dgram": False, "raw-socket": False, "node-expat": False, "bigint-buffer": False,
}  # fmt: skip

# Packages that drive a browser, which no slim image holds.
BROWSERS = (
    "puppeteer",
    "puppeteer-core",
    "playwright",
    "playwright-core",
    "@playwright/browser-chromium",
    "chrome-launcher",
)

# Packages that start programs which an image must hold.
PROGRAMS = {
    "fluent-ffmpeg": "ffmpeg", "gm": "GraphicsMagick", "imagemagick": "ImageMagick", "simple-git": "git",
    "nodegit": "git", "pdf-poppler": "poppler", "wkhtmltopdf": "wkhtmltopdf", "node-tesseract-ocr": "tesseract",
    "shelljs": "a shell", "pdf2pic": "GraphicsMagick",
}  # fmt: skip

# A package that runs TypeScript as it stands: package -> the words for node.
TYPESCRIPT_RUNNERS = {
    "tsx": ("--import", "tsx"),
    "ts-node": ("-r", "ts-node/register"),
    "@swc-node/register": ("-r", "@swc-node/register"),
    "esbuild-register": ("-r", "esbuild-register"),
    "esbuild-runner": ("-r", "esbuild-runner/register"),
}

# What a command of node_modules/.bin is in plain JavaScript: images without a shell cannot follow its `#!` line. Files that
# all majors have: react-router-serve's own command is bin.js in 7 and bin.cjs in 8.
BINARIES = {
    "next": ("next", "node_modules/next/dist/bin/next"),
    "remix-serve": ("@remix-run/serve", "node_modules/@remix-run/serve/dist/cli.js"),
    "react-router-serve": ("@react-router/serve", "node_modules/@react-router/serve/dist/cli.js"),
    "strapi": ("@strapi/strapi", "node_modules/@strapi/strapi/bin/strapi.js"),
    "fastify": ("fastify-cli", "node_modules/fastify-cli/cli.js"),
    "moleculer-runner": ("moleculer", "node_modules/moleculer/bin/moleculer-runner.js"),
    "probot": ("probot", "node_modules/probot/bin/probot.js"),
    "micro": ("micro", "node_modules/micro/dist/src/bin/micro.js"),
    "json-server": ("json-server", "node_modules/json-server/lib/cli/bin.js"),
    "http-server": ("http-server", "node_modules/http-server/bin/http-server"),
    "serve": ("serve", "node_modules/serve/build/main.js"),
    "node-red": ("node-red", "node_modules/node-red/red.js"),
}


def server_framework(package: Package) -> Framework | None:
    """Return the framework whose server the package runs; only a production dependency counts, but for build tools."""
    return next(
        (
            one
            for one in SERVER_FRAMEWORKS
            if one.package in package.dependencies
            or (one.package in _BUILD_ONLY and one.package in package.development)
        ),
        None,
    )


def web_tool(package: Package) -> str | None:
    """Return the tool that makes a front end of the package."""
    return next((name for name in WEB_TOOLS if package.has(name)), None)


def needs_prisma_engine(package: Package) -> bool:
    """Whether Prisma's client loads an engine of its own, which needs OpenSSL: up to version 6."""
    wanted = package.dependencies.get("@prisma/client")
    if wanted is None:
        return False
    number = re.search(r"\d+", wanted)
    return number is None or int(number.group()) < 7
