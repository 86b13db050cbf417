"""Namespaces, of which Linux makes networks and hosts: can they be had here?"""

from __future__ import annotations

import subprocess
from functools import cache

# Who enters them is root there, and only there.
TRIED = ("unshare", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc")


@cache
def lacking() -> str:
    """Why this machine has no namespaces for a program; empty if it has them."""
    try:
        tried = subprocess.run([*TRIED, "ip", "link"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "namespaces need Linux, with util-linux and iproute2"
    return f"no namespaces can be had here: {tried.stderr.strip()}" if tried.returncode else ""
