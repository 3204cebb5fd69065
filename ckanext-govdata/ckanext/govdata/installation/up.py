"""`./govdata up` and `./govdata down`."""

import argparse
import subprocess
import sys
import time

from ckanext.govdata.installation import ledger, sign_ins, state
from ckanext.govdata.installation.layout import layout_of, project_home
from ckanext.govdata.installation.machine import (
    FIRST_START_MEGABYTES,
    LATER_START_MEGABYTES,
    end_processes,
    instance_processes,
    only_one,
    port_is_free,
    require_space,
    wait_until,
)
from ckanext.govdata.installation.messages import compile_stale
from ckanext.govdata.installation.portal import WEB_PORT, Portal, code_key
from ckanext.govdata.installation.postgres import Postgres
from ckanext.govdata.installation.redis_server import RedisServer
from ckanext.govdata.installation.supervisor import environment
from ckanext.govdata.installation.words import Refusal, pick, tell

_CITY_FORM = "abcdefghijklmnopqrstuvwxyz0123456789-_./"


def up(options: argparse.Namespace) -> int:
    """Start the portal, preparing it first where that has not been done; say where it is and how to sign in."""
    began = time.monotonic()
    portal = Portal(layout_of(options.data))
    portal.refuse_strangers_folder()
    portal.layout.make()
    with only_one(portal.layout.run / "lock"):
        portal.record = state.load(portal.layout.state)
        first = not portal.record.prepared
        compile_stale(project_home())
        require_space(portal.layout.data, FIRST_START_MEGABYTES if first else LATER_START_MEGABYTES)
        _choose(portal, options)
        _start(portal)
    _announce(portal, first, time.monotonic() - began)
    return 0 if options.detach else _stay(portal)


def _choose(portal: Portal, options: argparse.Namespace) -> None:
    """Take over what the command line says of port, city and demo; the record keeps it for later starts."""
    if options.city is not None:
        if set(options.city) - set(_CITY_FORM):
            raise Refusal(f"'{options.city}' is no key of a city.", f"“{options.city}”不是城市代号。")
        portal.record.city = options.city
    if not portal.record.prepared:
        portal.record.demo = not options.no_demo
    wanted = options.port or portal.record.ports.get("web") or WEB_PORT
    if portal.supervisor.pid is not None and portal.record.ports.get("web") != wanted:
        _require_port(wanted)
    portal.record.ports["web"] = wanted


def _require_port(port: int) -> None:
    if not port_is_free(port):
        raise Refusal(
            f"Port {port} is in use by another program. Choose another: ./govdata up --port {port + 1}",
            f"端口 {port} 已被其他程序占用。请另选端口, 例如: ./govdata up --port {port + 1}",
        )


def _start(portal: Portal) -> None:
    if portal.supervisor.pid is None:
        _start_anew(portal)
    else:
        portal.record.complete()
        if portal.write_files(*portal.services()) or not portal.prepared:
            tell("The settings have changed; starting anew.", "设置已更改, 正在重新启动。")
            portal.supervisor.stop()
            _start_anew(portal)
    postgres, redis = portal.services()
    for name in ("postgres", "redis"):
        portal.supervisor.ensure_running(name)
    if portal.prepared:
        _serve(portal)
    postgres.wait_ready()
    redis.wait_ready()
    if not portal.prepared:
        _prepare(portal, postgres, redis)
        _serve(portal)
    _wait_for_pages(portal)
    for name in ("worker", "sequencer"):
        portal.supervisor.ensure_running(name)


def _start_anew(portal: Portal) -> None:
    portal.record.complete()
    postgres = Postgres(portal.layout, portal.record)
    portal.end_leftovers(postgres)
    _require_port(portal.record.ports["web"])
    portal.settle_ports()
    postgres.initialise()
    portal.write_files(*portal.services())
    tell("Starting PostgreSQL and Redis ...", "正在启动 PostgreSQL 和 Redis……")
    portal.supervisor.start()


def _serve(portal: Portal) -> None:
    tell("Starting the portal ...", "正在启动门户……")
    portal.supervisor.ensure_running("web")


def _prepare(portal: Portal, postgres: Postgres, redis: RedisServer) -> None:
    """Run every step of the first start; the mark is set only after the last."""
    postgres.make_databases()
    postgres.permit_datastore()
    portal.save()
    command = [sys.executable, "-m", "ckanext.govdata.installation.prepare", str(portal.layout.data)]
    first = ["--first"] if not portal.record.prepared else []
    demo = ["--demo"] if first and portal.record.demo else []
    log = portal.layout.log / "prepare.log"
    with log.open("w") as errors:
        code = subprocess.run(
            [*command, *first, *demo], env=environment(portal.layout), cwd="/", stderr=errors
        ).returncode
    if code:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise Refusal(
            f"Preparing the portal failed; after mending the cause, ./govdata up goes on from here.\n{end}\n(whole: {log})",
            f"门户初始化未完成; 排除原因后再次运行 ./govdata up 即可继续。\n{end}\n(完整日志: {log})",
        )
    ledger.guard(portal.layout, portal.record, postgres)
    portal.record = state.load(portal.layout.state)
    portal.record.prepared = code_key()
    portal.save()


def _wait_for_pages(portal: Portal, seconds: float = 60.0) -> None:
    """Return when the home page answers. A web process that ends twice instead is stopped, not tried without end.

    Once it may: it may have been killed just now, and supervisor is about to start it again.
    """
    ends: set[object] = set()

    def failed() -> bool:
        web = portal.supervisor.states()["web"]
        if web["statename"] not in ("STARTING", "RUNNING"):
            ends.add(web["stop"])
        return web["statename"] in ("FATAL", "STOPPED") or len(ends) > 1

    wait_until(lambda: portal.answers(timeout=10) == 200 or failed(), seconds)
    if portal.answers() != 200:
        portal.supervisor.rpc().stopProcess("web")
        log = portal.layout.log / "web.log"
        raise Refusal(
            f"The portal does not answer at {portal.address}. The end of {log}:\n{portal.log_tail('web')}",
            f"门户没有在 {portal.address} 应答。{log} 末尾:\n{portal.log_tail('web')}",
        )


def _announce(portal: Portal, first: bool, seconds: float) -> None:
    if first:
        print(sign_ins.listing(portal.record), flush=True)
    kept = pick("Sign-ins are kept in", "账号保存在")
    tell(
        f"The portal is ready after {seconds:.1f} s: {portal.address}",
        f"门户已就绪, 用时 {seconds:.1f} 秒: {portal.address}",
    )
    print(f"{kept} {portal.layout.sign_ins}", flush=True)


def _stay(portal: Portal) -> int:
    """Stay in the foreground until Ctrl+C, then stop the portal."""
    tell("Ctrl+C stops it. (--detach leaves it running.)", "按 Ctrl+C 停止。(使用 --detach 可在后台运行。)")
    try:
        wait_until(lambda: portal.supervisor.pid is None, float("inf"), step=1.0)
    except KeyboardInterrupt:
        print()
        return _stop(portal)
    return 0


def down(options: argparse.Namespace) -> int:
    """Stop the portal and whatever is left of it."""
    portal = Portal(layout_of(options.data))
    portal.refuse_strangers_folder()
    if not portal.layout.run.exists():
        tell("Nothing to stop: this portal has never been started.", "无需停止: 这个门户从未启动过。")
        return 0
    return _stop(portal)


def _stop(portal: Portal) -> int:
    with only_one(portal.layout.run / "lock"):
        ran = portal.supervisor.pid is not None
        portal.supervisor.stop()
        left = instance_processes(portal.layout.data)
        end_processes(left)
        if portal.layout.cluster.exists():
            Postgres(portal.layout, portal.record).forget_dead_server()
    if ran or left:
        tell("The portal is stopped.", "门户已停止。")
    else:
        tell("The portal was not running.", "门户本来就没有运行。")
    return 0
