"""What a script or a command is for, in words: so that advice can name what does the same without a shell.

http, tcp, grpc: asks whether something answers. wait: until another service does. sleep. migrate: changes a database's
tables. assets: collects files that belong into the build. template: fills in a configuration file. owner: changes
files' owners or the user. process: looks for a running process. file: looks at a file. service: asks a database's own
program. signal: sends one. print: writes a line. java-options: JAVA_OPTS and its like. folder: changes the folder.
manager: starts through a package manager. development: watches files, or is a development server. secrets: reads secret files into variables. schedule: cron.
"""

from __future__ import annotations

import re

from slimdesk.project.shell import Command, Script

_BY_PROGRAM: dict[str, str] = {
    name: task
    for task, names in {
        "http": "curl wget http xh httpie",
        "tcp": "nc ncat netcat telnet",
        "grpc": "grpc_health_probe grpc-health-probe grpcurl",
        "wait": "wait-for-it.sh wait-for-it wait-for.sh wait-for wait4x wait-port wait-on dockerize",
        "sleep": "sleep",
        "migrate": "flyway liquibase goose dbmate diesel sqlx migrate alembic knex sequelize sequelize-cli typeorm drizzle-kit",
        "template": "envsubst gomplate confd jinja2 j2 mustache",
        "owner": "chown chmod chgrp gosu su-exec su sudo usermod groupmod setpriv adduser addgroup useradd install mkdir",
        "process": "ps pgrep pidof killall supervisorctl top",
        "file": "cat test stat ls find head tail",
        "service": "pg_isready redis-cli mysqladmin mongosh mongo rabbitmqctl rabbitmq-diagnostics psql mysql mariadb sqlcmd kafka-topics.sh",
        "signal": "kill pkill",
        "print": "echo printf",
        "manager": "npm yarn pnpm npx bunx uv poetry pdm pipenv bundle composer mvn gradle",
        "schedule": "cron crond crontab supercronic",
        "supervisor": "supervisord s6-svscan runit runsvdir pm2 foreman honcho overmind",
    }.items()
    for name in names.split()
}  # fmt: skip
_MIGRATIONS = re.compile(
    r"manage\.py migrate|flask db upgrade|alembic upgrade|aerich upgrade|prisma (?:migrate|db push)|(?:db:|:)migrat|\bmigrat(?:e|ion|ions):?\w*"
    r"|rails db:|rake db:|artisan migrate|doctrine:migrations|dotnet ef|db:(?:push|sync|seed)|sequelize(?:-cli)? db:"
)
_ASSETS = re.compile(r"collectstatic|assets:precompile|compilemessages|npm run build|yarn build|pnpm build")
_DEVELOPMENT = re.compile(
    r"^(?:\S*/)?(?:nodemon|ts-node-dev|air|reflex|watchexec|watchmedo|watchfiles|entr)\b|\b(?:npm|yarn|pnpm)(?: run)? [\w:-]*(?:dev|watch)\b"
    r"|manage\.py runserver|\bflask (?:\S+ )*run\b|--reload\b|--watch\b|\bng serve\b|\bnext dev\b|webpack(?:-dev-server| serve)"
    r"|spring-boot:run|\bbootRun\b|\bdotnet (?:watch|run)\b|\bcargo (?:watch|run)\b|\bgo run\b|\btsx watch\b|^vite(?! preview)\b"
)
_TESTS = frozenset({"test", "[", "[["})
_JAVA_OPTIONS = frozenset(
    {"JAVA_OPTS", "JAVA_OPTIONS", "JVM_OPTS", "JAVA_ARGS", "JVM_ARGS", "CATALINA_OPTS", "JAVA_TOOL_OPTS"}
)
_LOOP = re.compile(r"\b(?:until|while)\b")


def tasks_of(script: Script, text: str) -> tuple[str, ...]:
    """Return the words for what a script does, each once, in order."""
    found: list[str] = []
    waits = _LOOP.search(text) is not None and any(one.program == "sleep" for one in script.commands)
    if waits:
        found.append("wait")
    for command in script.commands:
        found += [
            task for task in _tasks(command) if not (waits and task in ("http", "tcp", "service", "sleep"))
        ]
    if "/dev/tcp/" in text and not waits:
        found.append("tcp")
    if _JAVA_OPTIONS.intersection(script.variables):
        found.append("java-options")
    if "/run/secrets" in text or re.search(r"\$\{?[A-Z_]+_FILE\b", text):
        found.append("secrets")
    return tuple(dict.fromkeys(found))


def _tasks(command: Command) -> list[str]:
    line = " ".join(command.words)[:2000]
    if command.program in ("sed", "perl") and any(word.startswith("-i") for word in command.words[1:]):
        return ["template"]
    if command.program in {"cd", "pushd"}:
        return ["folder"]
    if command.program in _TESTS:
        return ["file"] if re.search(r"(?:^|\s)-[edfrswx]\s", line) else []
    if _MIGRATIONS.search(line) and command.program not in ("echo", "printf"):
        return ["migrate"]
    if _ASSETS.search(line) and command.program not in ("echo", "printf"):
        return ["assets"]
    if _DEVELOPMENT.search(line):
        return ["development"]
    task = _BY_PROGRAM.get(command.program)
    return [task] if task else []
