"""`./govdata restore FILE`: a portal out of a backup, in an empty data folder."""

import argparse
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

from ckanext.govdata.installation import ledger
from ckanext.govdata.installation.backup import (
    DUMPS,
    FORMAT,
    LEDGER,
    MANIFEST,
    OWNERS_INI,
    STORAGE,
    client_environment,
    keys_file,
)
from ckanext.govdata.installation.layout import Layout, layout_of
from ckanext.govdata.installation.portal import WEB_PORT, Portal, version
from ckanext.govdata.installation.postgres import OWNER, Postgres
from ckanext.govdata.installation.services import running
from ckanext.govdata.installation.sign_ins import listing
from ckanext.govdata.installation.state import write_private
from ckanext.govdata.installation.words import Refusal, tell, warn


def restore(options: argparse.Namespace) -> int:
    """Make the portal that FILE holds. It is left stopped; the next `up` brings its tables up to date and starts it."""
    began = time.monotonic()
    layout, file = layout_of(options.data), Path(options.file).absolute()
    if not file.is_file():
        raise Refusal(f"There is no file {file}.", f"找不到文件 {file}。")
    described = read_manifest(file)
    aside = _make_room(layout, force=options.force)
    layout.make()
    with tempfile.TemporaryDirectory(dir=layout.run, prefix="restore-") as name:
        folder = Path(name)
        with tarfile.open(file) as archive:
            archive.extractall(folder, members=plain_members(archive, file))  # noqa: S202  (each member is checked)
        portal = _new_portal(layout, described, keys_file(file))
        with running(portal) as (postgres, _redis):
            refuse_newer(described, postgres.programs.major)
            for database, dump in DUMPS.items():
                tell(f"Restoring database {database} ...", f"正在恢复数据库 {database}……")
                _load(postgres, database, folder / dump)
            postgres.permit_datastore()
            ledger.note_restore(postgres, described, aside)
        _restore_ledger(layout, folder / LEDGER, keys_file(file))
        _restore_key(layout.parties_keys, "parties", keys_file(file))
        _restore_key(layout.tracing_key, "tracing", keys_file(file))
        _restore_keys(layout.agreements, "agreements", keys_file(file))
        shutil.rmtree(layout.storage)
        (folder / STORAGE).rename(layout.storage)
        (folder / OWNERS_INI).rename(layout.ini)
    layout.ini.chmod(0o600)
    portal.record.prepared = "restored"
    portal.save()
    write_private(layout.sign_ins, listing(portal.record))
    seconds = time.monotonic() - began
    tell(f"Restored in {seconds:.1f} s. Start it: ./govdata up", f"已恢复, 用时 {seconds:.1f} 秒。请启动: ./govdata up")
    return 0


def read_manifest(file: Path) -> dict[str, Any]:
    """What the backup says of itself. Refuses a file that is no backup, or one of a later form or version."""
    try:
        with tarfile.open(file) as archive:
            member = archive.extractfile(MANIFEST)
            described = json.load(member) if member else {}
    except (tarfile.TarError, KeyError, ValueError, EOFError) as error:
        raise Refusal(f"{file} is no backup of a portal ({error}).", f"{file} 不是门户的备份({error})。") from error
    if described.get("format", 0) > FORMAT or _parts(described["version"]) > _parts(version()):
        raise Refusal(
            f"{file} was made by version {described['version']}, newer than this one ({version()}). Update first.",
            f"{file} 由更新的版本 {described['version']} 生成(当前 {version()})。请先升级软件。",
        )
    return described


def plain_members(archive: tarfile.TarFile, file: Path) -> list[tarfile.TarInfo]:
    """The members of a backup. Refuses one that would write outside the folder, or is no plain file or folder."""
    members = archive.getmembers()
    for member in members:
        parts = Path(member.name).parts
        if Path(member.name).is_absolute() or ".." in parts or not (member.isfile() or member.isdir()):
            raise Refusal(
                f"{file} holds '{member.name}', which no backup of a portal holds. Nothing was restored.",
                f"{file} 含有“{member.name}”, 这不是门户备份应有的内容。未作恢复。",
            )
    return members


def refuse_newer(described: dict[str, Any], major: int) -> None:
    """Refuse dumps of a newer PostgreSQL, which older programs cannot read."""
    if described["postgres"] > major:
        raise Refusal(
            f"The backup was made with PostgreSQL {described['postgres']}; this machine has {major}. "
            f"Install PostgreSQL {described['postgres']} or newer.",
            f"备份由 PostgreSQL {described['postgres']} 生成, 本机为 {major}。"
            f"请安装 PostgreSQL {described['postgres']} 或更新版本。",
        )


def _parts(text: str) -> list[int]:
    return [int(part) for part in text.split(".") if part.isdigit()]


def _restore_ledger(layout: Layout, public: Path, keys: Path) -> None:
    """Keys and signed checkpoints from the keys' file; without it the public keys alone, by which old checkpoints hold."""
    kept = json.loads(keys.read_text(encoding="utf-8")).get("ledger", {}) if keys.is_file() else {}
    files = {file.name: file.read_text(encoding="utf-8") for file in public.glob("*")} if public.is_dir() else {}
    ledger.put_back(layout, kept or files)


def _restore_key(place: Path, name: str, keys: Path) -> None:
    """What numbers are sealed or deliveries marked with; keys of a portal that is replaced are put aside, never lost."""
    if place.exists():
        place.rename(place.with_name(f"{place.name}.{time.time_ns()}"))
    kept = json.loads(keys.read_text(encoding="utf-8")).get(name) if keys.is_file() else None
    if kept:
        write_private(place, kept)


def _restore_keys(folder: Path, name: str, keys: Path) -> None:
    """A folder of keys and certificates; that of a portal that is replaced is put aside, never lost."""
    if folder.exists():
        folder.rename(folder.with_name(f"{folder.name}.{time.time_ns()}"))
    kept: dict[str, str] = json.loads(keys.read_text(encoding="utf-8")).get(name, {}) if keys.is_file() else {}
    for place, text in kept.items():
        file = folder / place
        if not file.resolve().is_relative_to(folder.resolve()):
            raise Refusal(f"{keys} names '{place}', outside of its folder.", f"{keys} 含有目录之外的“{place}”。")
        for above in (folder, file.parent):
            above.mkdir(parents=True, exist_ok=True)
            above.chmod(0o700)
        write_private(file, text)


def _make_room(layout: Layout, force: bool) -> Path | None:
    """Refuse what would be overwritten unasked; tells where the replaced portal's ledger folder went."""
    portal = Portal(layout)
    portal.refuse_strangers_folder()
    if portal.supervisor.pid is not None:
        raise Refusal("The portal runs. Stop it first: ./govdata down", "门户正在运行。请先停止: ./govdata down")
    if not any(path.exists() for path in (layout.cluster, layout.state)):
        return None
    if not force:
        raise Refusal(
            f"{layout.data} already holds a portal. Restore into another folder (--data DIR), or replace it with --force.",
            f"{layout.data} 中已有门户。请恢复到其他目录(--data DIR), 或用 --force 覆盖。",
        )
    for folder in (layout.postgres, layout.redis, layout.storage, layout.index):
        if folder.exists():
            shutil.rmtree(folder)
    layout.state.unlink(missing_ok=True)
    return ledger.set_aside(layout)


def _new_portal(layout: Layout, described: dict[str, Any], keys: Path) -> Portal:
    portal = Portal(layout)
    portal.record.city = described["city"]
    portal.record.ports["web"] = WEB_PORT
    if keys.is_file():
        kept = json.loads(keys.read_text(encoding="utf-8"))
        portal.record.secrets.update(kept["secrets"])
        portal.record.passwords.update(kept["passwords"])
    else:
        warn(
            f"{keys} is missing: new keys are made, so API tokens must be issued again and everybody signs in anew.",
            f"缺少 {keys}: 将生成新密钥, API 令牌需要重新签发, 所有人需要重新登录。",
        )
    return portal


def _load(postgres: Postgres, database: str, dump: Path) -> None:
    words = [
        "--no-owner",
        f"--role={OWNER}",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={database}",
        str(dump),
    ]
    answer = subprocess.run(
        [postgres.programs["pg_restore"], *words], env=client_environment(postgres), capture_output=True, text=True
    )
    if answer.returncode:
        print(answer.stderr, file=sys.stderr)
        raise Refusal(
            "pg_restore failed, so the folder is incomplete. Mend the cause and repeat with --force.",
            "pg_restore 出错, 目录内容不完整。请排除原因后加 --force 重新恢复。",
        )
