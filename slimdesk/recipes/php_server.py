"""What serves HTTP in a PHP image: Apache with PHP inside, or FrankenPHP; each on a port that needs no root."""

from __future__ import annotations

from slimdesk.basics.escaping import shell_word
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import env, run
from slimdesk.dockerfile.model import Instruction
from slimdesk.project.model import Component
from slimdesk.recipes.php_build import PLAIN

HTML = "/var/www/html"
# Inside the image, where everybody may write.
_TMP = "/tmp"  # noqa: S108


def is_web(component: Component) -> bool:
    """Whether the component answers browsers; else it is a program for the command line."""
    return component.fact("web_root") is not None


def root_inside(component: Component) -> str:
    """Return the web root relative to the component; `.` where it is the component's own folder."""
    root = str(component.value("web_root", "."))
    if component.path not in (".", ""):
        root = root.removeprefix(component.path).strip("/") or "."
    return root if root == "." or PLAIN.fullmatch(root) else "."


def apache(component: Component) -> list[Instruction]:
    """Apache on one unprivileged port with one site, whatever the distribution's files say."""
    root = root_inside(component)
    folder = HTML if root == "." else f"{HTML}/{root}"
    lines = [
        "ServerName localhost",
        "ServerTokens Prod",
        f"<VirtualHost *:{component.port or 8080}>",
        f"DocumentRoot {folder}",
        f"<Directory {folder}>",
        "AllowOverride All",
        "Require all granted",
        *(["FallbackResource /index.php"] if component.fact("front_controller") else []),
        "</Directory>",
        '<FilesMatch "^\\.(?!well-known)">',
        "Require all denied",
        "</FilesMatch>",
        "ErrorLog /dev/stderr",
        "CustomLog /dev/stdout combined",
        "</VirtualHost>",
    ]
    words = " ".join(shell_word(line) for line in lines)
    return [
        run(
            "One site on a port that needs no root; what a file does not answer, index.php does. Logs go to the container's own.",
            f"echo 'Listen {component.port or 8080}' > /etc/apache2/ports.conf",
            f"printf '%s\\n' {words} > /etc/apache2/sites-available/000-default.conf",
            "a2enmod -q rewrite headers",
            evidence=component.evidence("web_root"),
        ),
        env(
            "Apache's own folders: this user may write to /tmp alone.",
            APACHE_RUN_USER="www-data",
            APACHE_RUN_GROUP="www-data",
            APACHE_RUN_DIR=_TMP,
            APACHE_LOCK_DIR=_TMP,
            APACHE_LOG_DIR=_TMP,
            APACHE_PID_FILE=f"{_TMP}/apache2.pid",
        ),
    ]


def frankenphp(component: Component, base: BaseImage) -> list[Instruction]:
    """FrankenPHP, which is Caddy with PHP inside, on one unprivileged port over plain HTTP."""
    root = root_inside(component)
    return [
        env(
            "Plain HTTP on a port that needs no root: certificates are the business of what stands in front.",
            component.evidence("web_root"),
            SERVER_NAME=f":{component.port or 8080}",
            SERVER_ROOT="/app" if root == "." else f"/app/{root}",
        ),
        run(
            "Caddy keeps its state there; without the capability to open port 80 it also starts where all are dropped.",
            f"chown {base.run_user}:{base.run_group} /config/caddy /data/caddy",
            "setcap -r /usr/local/bin/frankenphp",
        ),
    ]


def stop_gently() -> Instruction:
    """Return Apache's own signal for a stop that ends open requests first."""
    return Instruction(
        "STOPSIGNAL",
        ("SIGWINCH",),
        reason="Apache ends open requests first on this signal, and breaks them off on the usual one.",
    )


def final_words(component: Component, base: BaseImage) -> tuple[str, ...]:
    """Return the entry point's words: the image's own server for the web, PHP with the script else."""
    words = component.entrypoint or ("php",)
    if words == ("apache2-foreground",):
        if base.family == "slim":
            return ("/usr/sbin/apache2", "-DFOREGROUND")
        if base.family == "alpine":
            return ("frankenphp", "run", "--config", "/etc/frankenphp/Caddyfile", "--adapter", "caddyfile")
        return words
    if words[0] == "php":
        return (base.interpreter or "php", *words[1:])
    return words
