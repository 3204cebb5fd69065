"""How a child process starts: bound to the life of its parent, and, for PostgreSQL as root, without root's rights.

PostgreSQL refuses to run as root. The first way that works on this machine is taken, least rights first:

1. an unprivileged user, where that user may pass through the folders above;
2. the same with the one capability to read past closed folders (a data folder under `/root`, mode 700);
3. a user namespace in which root looks like an ordinary user (where the kernel allows one).
"""

import functools
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ckanext.govdata.installation.words import Refusal

READ_PAST = "dac_read_search"


@dataclass(frozen=True)
class Footing:
    """The words before PostgreSQL's command, and the user that must own its folder."""

    prefix: tuple[str, ...]
    owner: int


@functools.lru_cache
def bound_to_parent(signal_name: str) -> tuple[str, ...]:
    """Words before a command that end it by this signal when its parent dies, or none where that cannot be had."""
    words = ("setpriv", "--pdeathsig", signal_name)
    if shutil.which("setpriv") and subprocess.run([*words, "true"], capture_output=True).returncode == 0:
        return words
    return ()


def _candidates() -> list[Footing]:
    user = next(entry for name in ("postgres", "nobody") if (entry := _user(name)))
    lower = ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs")
    without = ("--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--pdeathsig", "INT")
    caps = f"-all,+{READ_PAST}"
    # Without this bit access(2) forgets the capability, and PostgreSQL takes its own program for missing.
    reading = (
        "--securebits=+no_setuid_fixup",
        f"--inh-caps={caps}",
        f"--ambient-caps={caps}",
        f"--bounding-set={caps}",
        "--pdeathsig",
        "INT",
    )
    namespace = ("unshare", "-U", f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}")
    return [
        Footing((*lower, *without), user.pw_uid),
        Footing((*lower, *reading), user.pw_uid),
        Footing((*bound_to_parent("INT"), *namespace), 0),
    ]


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def footing_for(folder: Path, initdb: Path) -> Footing:
    """How to start the PostgreSQL that `initdb` belongs to on `folder`; gives the folder to the user it then runs as."""
    if os.geteuid() != 0:
        return Footing(bound_to_parent("INT"), os.geteuid())
    for footing in _candidates():
        give(folder, footing.owner)
        script = 'test -w "$1" && exec "$2" --show --pgdata="$1/probe"'  # looks for its sister programs, makes nothing
        probe = [*footing.prefix, "sh", "-c", script, "probe", str(folder), str(initdb)]
        if subprocess.run(probe, capture_output=True, cwd="/").returncode == 0:
            return footing
    raise Refusal(
        "PostgreSQL does not run as root, and this machine allows neither setpriv nor unshare. "
        "Run ./govdata as an ordinary user.",
        "PostgreSQL 不能以 root 运行, 而本机既不允许 setpriv 也不允许 unshare。请用普通用户运行 ./govdata。",
    )


def give(folder: Path, owner: int) -> None:
    """Make `owner` own the folder and everything in it, if that is not so yet."""
    if folder.stat().st_uid == owner:
        return
    for parent, names, files in os.walk(folder):
        for name in (*names, *files):
            os.chown(Path(parent, name), owner, -1, follow_symlinks=False)
    os.chown(folder, owner, -1)
