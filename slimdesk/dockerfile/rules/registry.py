"""All rules, in the order in which a person should hear of them."""

from __future__ import annotations

from slimdesk.dockerfile.rules import (
    add_url,
    base_entrypoint,
    base_tag,
    compiler,
    copy_from,
    copy_order,
    ended_base,
    libc,
    package_lists,
    root_user,
    run_without_shell,
    secrets,
    shell_form,
    user_name,
)
from slimdesk.dockerfile.rules.base import Rule

RULES: tuple[Rule, ...] = (
    run_without_shell,
    copy_from,
    shell_form,
    base_entrypoint,
    libc,
    user_name,
    root_user,
    secrets,
    ended_base,
    base_tag,
    compiler,
    package_lists,
    add_url,
    copy_order,
)
