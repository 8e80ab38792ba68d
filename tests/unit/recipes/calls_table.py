"""Snippets of files that call into an image, as people have them, and what must be said of each per family."""

from __future__ import annotations

from dataclasses import dataclass, field

PYTHON = {
    "requirements.txt": "flask==3.1.0\ngunicorn==23.0.0\ncelery==5.4.0\n",
    "app.py": "from flask import Flask\n\napp = Flask(__name__)\n",
}
NODE = {
    "package.json": '{"name": "app", "version": "1.0.0", "scripts": {"start": "node server.js"}, "dependencies": {"express": "^4.19.0"}}',
    "package-lock.json": '{"name": "app", "lockfileVersion": 3, "packages": {"": {"dependencies": {"express": "^4.19.0"}}}}',
    "server.js": 'const app = require("express")();\napp.listen(3000);\n',
}
GO = {
    "go.mod": "module example.com/app\n\ngo 1.26\n",
    "main.go": 'package main\n\nimport "net/http"\n\nfunc main() {\n\t_ = http.ListenAndServe(":8080", nil)\n}\n',
}
JAVA = {
    "Main.java": "public class Main {\n    public static void main(String[] args) throws Exception {\n"
    "        com.sun.net.httpserver.HttpServer.create(new java.net.InetSocketAddress(8080), 0).start();\n    }\n}\n",
}
WORKS, REPLACE, FAILS = "works", "replace", "fails"


@dataclass(frozen=True)
class Snippet:
    """A file beside a project: the answer per family, the program that distroless lacks, and a part of what to write instead."""

    name: str
    project: dict[str, str]
    files: dict[str, str]
    answers: dict[str, str]
    program: str | None = None
    instead: str | None = None
    families: dict[str, str] = field(default_factory=dict)


def compose(*lines: str) -> dict[str, str]:
    """A compose file whose service app builds this folder."""
    body = "".join(f"    {line}\n" for line in lines)
    return {"compose.yaml": f"services:\n  app:\n    build: .\n{body}  db:\n    image: postgres:17\n"}


def pod(*lines: str, before: str = "") -> dict[str, str]:
    """A Kubernetes deployment whose container runs this project's image."""
    body = "".join(f"          {line}\n" for line in lines)
    return {
        "k8s/deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app\nspec:\n  template:\n    spec:\n"
        f"{before}      containers:\n        - name: app\n          image: registry.example.com/team/app:1.2\n{body}"
    }


def dockerfile(*lines: str, script: str | None = None) -> dict[str, str]:
    """A Dockerfile of the project's own, and its start script."""
    files = {
        "Dockerfile": "FROM debian:13\nCOPY . /app\nWORKDIR /app\n" + "".join(f"{line}\n" for line in lines)
    }
    return files if script is None else files | {"docker-entrypoint.sh": script}


BREAKING = (
    # Compose
    Snippet(
        "compose health check with curl", PYTHON, compose("healthcheck:", '  test: ["CMD", "curl", "-f", "http://localhost:8000/health"]'),
        {"full": WORKS, "slim": REPLACE, "alpine": REPLACE, "distroless": REPLACE, "chainguard": REPLACE}, "curl",
        """["CMD", "/usr/bin/python3.13", "-c", "import urllib.request as r; r.urlopen('http://localhost:8000/health', timeout=3)"]""",
    ),
    Snippet(
        "compose health check by a shell", NODE, compose("healthcheck:", "  test: curl -f http://localhost:3000/ || exit 1"),
        {"full": WORKS, "slim": REPLACE, "alpine": REPLACE, "distroless": REPLACE}, "sh", '"/nodejs/bin/node", "-e", "fetch(',
    ),
    Snippet(
        "compose health check with wget", GO, compose("healthcheck:", '  test: ["CMD-SHELL", "wget -qO- http://localhost:8080/healthz || exit 1"]'),
        {"full": WORKS, "slim": REPLACE, "alpine": WORKS, "distroless": REPLACE, "scratch": REPLACE}, "sh", "busybox:1-musl",
    ),
    Snippet(
        "compose health check with nc", NODE, compose("healthcheck:", '  test: ["CMD", "nc", "-z", "localhost", "3000"]'),
        {"full": REPLACE, "slim": REPLACE, "alpine": WORKS, "distroless": REPLACE}, "nc", "require('net').connect(3000",
    ),
    Snippet(
        "compose health check with pgrep", PYTHON, compose("healthcheck:", '  test: ["CMD-SHELL", "pgrep -f gunicorn || exit 1"]'),
        {"full": WORKS, "slim": REPLACE, "alpine": WORKS, "distroless": REPLACE}, "sh", "Leave it out",
    ),
    Snippet(
        "compose command that waits and migrates", PYTHON,
        compose('command: sh -c "python manage.py migrate && gunicorn app:app --bind 0.0.0.0:8000"'),
        {"slim": REPLACE, "distroless": REPLACE}, "sh", '["/venv/bin/python", "manage.py", "migrate"]',
    ),
    Snippet(
        "compose command of a worker", PYTHON, compose("command: celery -A app worker --loglevel=info"),
        {"slim": REPLACE, "alpine": REPLACE, "distroless": REPLACE}, "celery", 'entrypoint: ["/venv/bin/celery", "-A", "app", "worker", "--loglevel=info"]',
    ),
    Snippet(
        "compose command of npm", NODE, compose("command: npm start"),
        {"slim": REPLACE, "distroless": REPLACE}, None, "",
    ),
    Snippet(
        "compose entrypoint wait-for-it", GO, compose('entrypoint: ["./wait-for-it.sh", "db:5432", "--", "/app"]') | {"wait-for-it.sh": '#!/usr/bin/env bash\nwhile ! (echo > /dev/tcp/$1) 2>/dev/null; do sleep 1; done\nexec "$@"\n'},
        {"slim": WORKS, "alpine": REPLACE, "distroless": REPLACE, "scratch": REPLACE}, "bash", "service_healthy",
    ),
    Snippet(
        "compose entrypoint by bash", GO, compose("entrypoint: bash -c 'sleep 5 && /app'"),
        {"slim": WORKS, "alpine": REPLACE, "distroless": REPLACE}, "bash", "let a probe say when the program is ready",
    ),
    Snippet(
        "compose command of a package script", NODE | {"package.json": NODE["package.json"].replace('"start"', '"worker": "node worker.js --all", "start"'), "worker.js": ""},
        compose("command: npm run worker"),
        {"slim": REPLACE, "distroless": REPLACE}, "npm", 'entrypoint: ["/nodejs/bin/node", "worker.js", "--all"]',
    ),
    Snippet(
        "compose command for development", NODE, compose("command: nodemon server.js"),
        {"full": REPLACE, "slim": REPLACE, "distroless": REPLACE}, None, "compose.override.yaml",
    ),
    # Kubernetes
    Snippet(
        "kubernetes probe with curl", GO, pod("livenessProbe:", "  exec:", '    command: ["curl", "-f", "http://localhost:8080/healthz"]'),
        {"full": WORKS, "slim": REPLACE, "alpine": REPLACE, "distroless": REPLACE, "scratch": REPLACE}, "curl", "httpGet: {path: /healthz, port: 8080}",
    ),
    Snippet(
        "kubernetes probe by a shell", NODE, pod("readinessProbe:", "  exec:", "    command:", "      - sh", "      - -c", "      - wget -q --spider http://127.0.0.1:3000/ready"),
        {"full": WORKS, "slim": REPLACE, "alpine": WORKS, "distroless": REPLACE, "chainguard": WORKS}, "sh", "httpGet: {path: /ready, port: 3000}",
    ),
    Snippet(
        "kubernetes probe with cat", PYTHON, pod("livenessProbe:", "  exec:", '    command: ["cat", "/tmp/healthy"]'),
        {"slim": WORKS, "alpine": WORKS, "distroless": REPLACE}, "cat", "os.path.exists('/tmp/healthy')",
    ),
    Snippet(
        "kubernetes probe of gRPC", GO, pod("livenessProbe:", "  exec:", '    command: ["/bin/grpc_health_probe", "-addr=:50051"]'),
        {"full": REPLACE, "slim": REPLACE, "distroless": REPLACE}, "grpc_health_probe", "grpc: {port: 50051}",
    ),
    Snippet(
        "kubernetes probe with nc", GO, pod("startupProbe:", "  exec:", '    command: ["sh", "-c", "nc -z localhost 8080"]'),
        {"alpine": WORKS, "slim": REPLACE, "distroless": REPLACE}, "sh", "tcpSocket: {port: 8080}",
    ),
    Snippet(
        "kubernetes preStop sleep", NODE, pod("lifecycle:", "  preStop:", "    exec:", '      command: ["/bin/sh", "-c", "sleep 15"]'),
        {"full": WORKS, "slim": WORKS, "alpine": WORKS, "chainguard": WORKS, "distroless": REPLACE, "hardened": REPLACE}, "sh", "sleep: {seconds: 15}",
    ),
    Snippet(
        "kubernetes preStop sleep without a shell", GO, pod("lifecycle:", "  preStop:", "    exec:", '      command: ["sleep", "20"]'),
        {"slim": WORKS, "alpine": WORKS, "distroless": REPLACE, "scratch": REPLACE}, "sleep", "sleep: {seconds: 20}",
    ),
    Snippet(
        "kubernetes preStop kill", GO, pod("lifecycle:", "  preStop:", "    exec:", '      command: ["/bin/sh", "-c", "kill -TERM 1"]'),
        {"slim": WORKS, "distroless": REPLACE}, "sh", "process 1",
    ),
    Snippet(
        "kubernetes postStart echo", PYTHON, pod("lifecycle:", "  postStart:", "    exec:", '      command: ["/bin/sh", "-c", "echo started > /proc/1/fd/1"]'),
        {"slim": WORKS, "distroless": REPLACE}, "sh", "Leave it out",
    ),
    Snippet(
        "kubernetes command with a variable", PYTHON, pod('command: ["sh", "-c", "exec gunicorn app:app --workers $WORKERS"]'),
        {"slim": REPLACE, "distroless": REPLACE}, "sh", '"--workers", "$(WORKERS)"',
    ),
    Snippet(
        "kubernetes init container that migrates", PYTHON,
        pod(before='      initContainers:\n        - name: migrate\n          image: registry.example.com/team/app:1.2\n          command: ["python", "manage.py", "migrate"]\n'),
        {"slim": REPLACE, "distroless": REPLACE}, "python", '["/venv/bin/python", "manage.py", "migrate"]',
    ),
    Snippet(
        "helm template by bash", NODE,
        {"chart/templates/deployment.yaml": 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include "app.fullname" . }}\n  labels:\n    {{- include "app.labels" . | nindent 4 }}\nspec:\n  template:\n    spec:\n      containers:\n        - name: {{ .Chart.Name }}\n          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n          {{- if .Values.debug }}\n          command: ["bash", "-c", "node server.js"]\n          {{- end }}\n'},
        {"slim": WORKS, "alpine": REPLACE, "distroless": REPLACE}, "bash", 'command: ["/nodejs/bin/node", "server.js"]',
    ),
    # Procfile, scripts, Makefile
    Snippet(
        "Procfile of a worker", PYTHON, {"Procfile": "web: gunicorn app:app --bind 0.0.0.0:$PORT\nworker: celery -A app worker\n"},
        {"slim": REPLACE, "distroless": REPLACE}, "sh", '["/venv/bin/celery", "-A", "app", "worker"]',
    ),
    Snippet(
        "Makefile that opens a shell", GO, compose() | {"Makefile": "shell:\n\tdocker compose exec app sh\n"},
        {"slim": WORKS, "alpine": WORKS, "distroless": REPLACE, "scratch": REPLACE}, "sh", "slimdesk debug",
    ),
    Snippet(
        "script that asks for bash", NODE, {"scripts/debug.sh": "#!/bin/sh\nkubectl exec -it deploy/app -- bash\n"},
        {"slim": WORKS, "alpine": REPLACE, "distroless": REPLACE}, "bash", "kubectl debug",
    ),
    # The own Dockerfile
    Snippet(
        "script that migrates, collects and hands over", PYTHON,
        dockerfile('ENTRYPOINT ["/app/docker-entrypoint.sh"]', 'CMD ["gunicorn", "app:app"]', script='#!/bin/sh\nset -e\npython manage.py migrate --noinput\npython manage.py collectstatic --noinput\nexec "$@"\n'),
        {"slim": REPLACE, "distroless": REPLACE}, "sh", "Collecting files: a step of the build",
    ),
    Snippet(
        "script with envsubst", GO, dockerfile('ENTRYPOINT ["/docker-entrypoint.sh"]', 'CMD ["/app"]', script='#!/bin/sh\nenvsubst < /etc/app.tmpl > /etc/app.conf\nexec "$@"\n'),
        {"slim": REPLACE, "alpine": REPLACE, "distroless": REPLACE}, "sh", "mount the finished file",
    ),
    Snippet(
        "script with gosu", NODE, dockerfile('ENTRYPOINT ["docker-entrypoint.sh"]', 'CMD ["node", "server.js"]', script='#!/bin/bash\nchown -R node:node /data\nexec gosu node "$@"\n'),
        {"slim": REPLACE, "distroless": REPLACE}, "bash", "COPY --chown and USER",
    ),
    Snippet(
        "shell form with JAVA_OPTS", JAVA, dockerfile("RUN javac Main.java", "CMD java $JAVA_OPTS -cp /app Main"),
        {"slim": WORKS, "alpine": WORKS, "distroless": REPLACE}, "sh", "JAVA_TOOL_OPTIONS",
    ),
    Snippet(
        "several processes in one container", PYTHON, dockerfile('CMD ["supervisord", "-c", "/app/supervisord.conf"]'),
        {"slim": REPLACE, "distroless": REPLACE}, "supervisord", "a container of its own",
    ),
    Snippet(
        "script of a kind that nothing replaces", GO, dockerfile('ENTRYPOINT ["/docker-entrypoint.sh"]', script="#!/bin/sh\nvault-agent read secret | jq -r .data > /run/env\nexec /app\n"),
        {"slim": FAILS, "distroless": FAILS, "scratch": FAILS}, "sh", None,
    ),
    Snippet(
        "health check of the own Dockerfile", NODE, dockerfile("HEALTHCHECK --interval=30s CMD curl -f http://localhost:3000/ || exit 1", 'CMD ["node", "server.js"]'),
        {"full": WORKS, "slim": REPLACE, "distroless": REPLACE}, "sh", "HEALTHCHECK CMD [",
    ),
)  # fmt: skip

HARMLESS = (
    Snippet("health check of a database", PYTHON, {"compose.yaml": 'services:\n  app:\n    build: .\n  db:\n    image: postgres:17\n    healthcheck:\n      test: ["CMD-SHELL", "pg_isready -U app"]\n'}, {}),
    Snippet("health check of Redis by its shell", NODE, {"compose.yaml": "services:\n  cache:\n    image: redis:8-alpine\n    command: sh -c 'redis-server --save 60 1'\n    healthcheck:\n      test: redis-cli ping | grep PONG\n"}, {}),
    Snippet("httpGet probe", GO, pod("livenessProbe:", "  httpGet: {path: /healthz, port: 8080}"), {}),
    Snippet("grpc probe", GO, pod("readinessProbe:", "  grpc: {port: 50051}"), {}),
    Snippet("tcpSocket probe", NODE, pod("readinessProbe:", "  tcpSocket: {port: 3000}"), {}),
    Snippet("native sleep", PYTHON, pod("lifecycle:", "  preStop:", "    sleep: {seconds: 10}"), {}),
    Snippet("flags for the program", GO, compose('command: ["-verbose", "-port=8080"]'), {}),
    Snippet("flags for the program in Kubernetes", GO, pod('args: ["--config=/etc/app.yaml", "--level", "info"]'), {}),
    Snippet("a subcommand of the program", GO, compose("command: serve --port 8080"), {}),
    Snippet("init container of another image", GO, pod(before='      initContainers:\n        - name: wait\n          image: busybox:1.37\n          command: ["sh", "-c", "until nc -z db 5432; do sleep 1; done"]\n'), {}),
    Snippet("exec form that starts the same", PYTHON, dockerfile('CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]'), {}),
    Snippet("shell form without anything for a shell", NODE, dockerfile("CMD node server.js"), {}),
    Snippet("RUN lines of a build", GO, dockerfile("RUN apt-get update && apt-get install -y curl && bash -c 'make all'", 'ENTRYPOINT ["/app"]'), {}),
    Snippet("exec into the database", PYTHON, compose() | {"Makefile": "psql:\n\tdocker compose exec db psql -U app\n\tdocker exec -it my-postgres-1 bash\n"}, {}),
    Snippet("a shell script that calls nothing inside", NODE, {"scripts/deploy.sh": "#!/bin/bash\nset -euo pipefail\ndocker build -t app . && docker push app\nkubectl apply -f k8s/ && curl -f https://example.com/\n"}, {}),
    Snippet("health check that is switched off", PYTHON, compose("healthcheck:", "  disable: true", '  test: ["NONE"]'), {}),
    Snippet("health check in the language itself", PYTHON, compose("healthcheck:", '  test: ["CMD", "python", "-c", "import urllib.request; urllib.request.urlopen(\'http://localhost:8000/\')"]'), {}),
    Snippet("web process of a Procfile", PYTHON, {"Procfile": "web: gunicorn app:app --bind 0.0.0.0:8000\n"}, {}),
)  # fmt: skip
