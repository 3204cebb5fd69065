"""What the command asks of the machine: processes, ports, free space, a lock."""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ckanext.govdata.installation.layout import INSTANCE_VARIABLE
from ckanext.govdata.installation.words import Refusal

FIRST_START_MEGABYTES = 400
LATER_START_MEGABYTES = 60


def instance_processes(data: Path) -> list[int]:
    """The processes of this portal, wherever they hang: those that carry its data folder in their environment."""
    mark = f"{INSTANCE_VARIABLE}={data}".encode()
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # ended meanwhile, or another user's
        if mark in variables and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def alive(pid: int) -> bool:
    """True while the process exists and is more than a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def wait_until(condition: Callable[[], bool], seconds: float, step: float = 0.1) -> bool:
    """Wait for `condition` at most `seconds`; tells whether it came true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def end_processes(pids: list[int], patience: float = 20.0, first: signal.Signals = signal.SIGTERM) -> None:
    """End these processes: ask first, kill those that have not gone after `patience` seconds."""
    for number, wait in ((first, patience), (signal.SIGKILL, 5.0)):
        for pid in filter(alive, pids):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        if wait_until(lambda: not any(map(alive, pids)), wait):
            return


def port_is_free(port: int) -> bool:
    """True if a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def settle_port(remembered: int | None, data: Path, name: str) -> int:
    """The remembered port if it is free, else another one below the range that the kernel gives to clients."""
    if remembered and port_is_free(remembered):
        return remembered
    start = int.from_bytes(hashlib.sha256(f"{data}:{name}".encode()).digest()[:2], "big") % 10_000
    for step in range(10_000):
        port = 20_000 + (start + step) % 10_000
        if port_is_free(port):
            return port
    raise Refusal("No free port between 20000 and 29999.", "20000 至 29999 之间没有空闲端口。")


def require_space(folder: Path, megabytes: int) -> None:
    """Refuse to start on a disk that is about to be full, where PostgreSQL would stop half-way."""
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < megabytes:
        raise Refusal(
            f"The disk that holds {folder} is full: {free} MB are free, {megabytes} MB are needed. "
            "Make room, or choose another folder with --data DIR.",
            f"{folder} 所在磁盘空间不足: 剩余 {free} MB, 至少需要 {megabytes} MB。请清理磁盘, 或用 --data DIR 另选目录。",
        )


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold the data folder's lock: two commands that start or stop the same portal wait for each other."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal(
                "Another govdata command is working on this portal. Wait until it has ended.",
                "另一条 govdata 命令正在操作这个门户, 请等它结束后再试。",
            ) from error
        yield
