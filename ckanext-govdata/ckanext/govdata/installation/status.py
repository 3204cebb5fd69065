"""`./govdata status`: what runs, since when, and how well."""

import argparse
import datetime
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import redis

from ckanext.govdata.installation.layout import layout_of
from ckanext.govdata.installation.machine import LATER_START_MEGABYTES, instance_processes
from ckanext.govdata.installation.portal import Portal
from ckanext.govdata.installation.postgres import MAIN, OWNER
from ckanext.govdata.installation.sequencer import checkpoint_seconds
from ckanext.govdata.installation.supervisor import PROGRAMS
from ckanext.govdata.installation.words import pick, tell
from ckanext.govdata.ledger.errors import LedgerError
from ckanext.govdata.ledger.health import WORDS, Alarm, alarms
from ckanext.govdata.ledger.reading import run_on
from ckanext.govdata.ledger.standing import standing

STOPPED = 3


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, whether it is well, and in words."""

    name: str
    well: bool
    words: str


def status(options: argparse.Namespace) -> int:
    """Print the report. Exit code 0: all is well; 1: something is not; 3: the portal does not run."""
    portal = Portal(layout_of(options.data))
    if portal.supervisor.pid is None:
        tell("The portal does not run. Start it with ./govdata up", "门户没有运行。用 ./govdata up 启动")
        return STOPPED
    findings = [*_processes(portal), _database(portal), _ledger(portal), _jobs(portal), _pages(portal), _disk(portal)]
    for finding in findings:
        print(f"{'ok ' if finding.well else '!! '} {finding.name:<10} {finding.words}")
    print(pick("address", "地址"), portal.address, pick("memory", "内存"), f"{memory(portal.layout.data) // 1024} MB")
    return 0 if all(finding.well for finding in findings) else 1


def memory(data: Path) -> int:
    """The proportional memory (PSS) in KiB of all processes of the portal."""
    total = 0
    for pid in {*instance_processes(data), *_descendants(data)}:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue  # ended meanwhile
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total


def _descendants(data: Path) -> set[int]:
    """PostgreSQL's children overwrite their environment, so they are found by their parents."""
    found, waiting = set(), list(instance_processes(data))
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = {int(word) for word in task.read_text().split()} - found
            except OSError:
                continue  # ended meanwhile
            found |= children
            waiting += children
    return found


def _processes(portal: Portal) -> list[Finding]:
    states = portal.supervisor.states()
    now = time.time()
    rows = []
    for name in PROGRAMS:
        state = states[name]
        since = datetime.datetime.fromtimestamp(state["start"]).astimezone().isoformat(" ", "seconds")
        running = state["statename"] in ("RUNNING", "STARTING")
        words = pick(
            f"runs since {since} ({now - state['start']:.0f} s), process {state['pid']}",
            f"自 {since} 运行, 进程 {state['pid']}",
        )
        rows.append(
            Finding(name, running, words if running else f"{state['statename']}: {portal.layout.log / name}.log")
        )
    return rows


def _database(portal: Portal) -> Finding:
    try:
        connection = portal.services()[0].connect(MAIN)
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from package where state = 'active' and type = 'dataset'")
            (count,) = cursor.fetchone()
        connection.close()
    except psycopg2.Error as error:
        return Finding("database", False, str(error).strip())
    return Finding("database", True, pick(f"{count} datasets", f"{count} 个数据集"))


def _ledger(portal: Portal) -> Finding:
    """How the ledger stands: mode, entries, newest checkpoint, gap; an alarm when the sequencer is down (LYG-21)."""
    try:
        connection = portal.services()[0].connect(MAIN)
        found = standing(run_on(connection), portal.layout.ledger, OWNER)
        connection.close()
    except (psycopg2.Error, LedgerError) as error:
        return Finding("ledger", False, str(error).strip())
    raised = alarms(found, checkpoint_seconds(portal.layout.ini))
    age = "-" if found.checkpoint_seconds is None else f"{found.checkpoint_seconds:.0f} s"
    mode = pick("strict", "严格") if found.strict else pick("weak", "弱")
    words = pick(
        f"{mode} mode, {found.size} entries, {found.waiting} waiting, checkpoint of {found.checkpoint_size} {age} ago, "
        f"gap {found.gap}",
        f"{mode}模式, {found.size} 条, 等待 {found.waiting}, 检查点 {found.checkpoint_size} 条({age} 前), 缺口 {found.gap}",
    )
    return Finding("ledger", not raised, " ".join([words, *(pick(WORDS[alarm], _CHINESE[alarm]) for alarm in raised)]))


_CHINESE = {
    Alarm.SEQUENCER_DOWN: "条目在等待定序进程: 它没有运行。条目安全, 但尚未入账。",
    Alarm.NO_CHECKPOINT: "尚未签发检查点: 请启动定序进程。",
    Alarm.CHECKPOINT_LATE: "最新检查点已超过期限: 定序进程没有运行, 或拒绝继续。",
    Alarm.GAP: "无条件开放数据的部分使用未能记录; 已计数, 稍后补记为条目。",
    Alarm.WEAK: "数据库本身没有保护账本: 处于弱模式。",
}


def _jobs(portal: Portal) -> Finding:
    client = portal.services()[1].client()
    try:
        waiting = sum(client.llen(key) for key in client.keys("rq:queue:*"))
        failed = sum(client.zcard(key) for key in client.keys("rq:failed:*"))
    except redis.RedisError as error:
        return Finding("jobs", False, str(error))
    return Finding("jobs", True, pick(f"{waiting} waiting, {failed} failed", f"等待 {waiting}, 失败 {failed}"))


def _pages(portal: Portal) -> Finding:
    began = time.monotonic()
    code = portal.answers()
    return Finding(
        "pages", code == 200, pick(f"home page {code}", f"首页 {code}") + f", {time.monotonic() - began:.2f} s"
    )


def _disk(portal: Portal) -> Finding:
    free = shutil.disk_usage(portal.layout.data).free // 1_000_000
    return Finding("disk", free >= LATER_START_MEGABYTES, pick(f"{free} MB free", f"剩余 {free} MB"))
