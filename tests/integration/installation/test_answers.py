"""What goes wrong on real machines gets a clear answer: busy port, other PostgreSQL, damaged or strangers' files, full disk."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ckanext.govdata.installation import libmagic, machine, postgres, privileges
from ckanext.govdata.installation.layout import Layout
from ckanext.govdata.installation.messages import compile_stale
from ckanext.govdata.installation.portal import Portal
from ckanext.govdata.installation.supervisor import socket_path
from ckanext.govdata.installation.words import Refusal

from .instance import HOME, Instance, free_port


def test_a_busy_port_names_another_one(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        output = Instance(tmp_path / "var").govdata(
            "up", "--data", str(tmp_path / "var"), "--port", str(port), "--no-demo", "--detach", expected=1
        )
    assert f"Port {port} is in use" in output and f"--port {port + 1}" in output
    assert not (tmp_path / "var" / "postgres" / "cluster").exists()


def test_a_cluster_of_another_postgresql_is_refused_with_what_to_do(tmp_path: Path) -> None:
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(Refusal, match=r"written by PostgreSQL 9.*backup FILE"):
        postgres.programs_for(cluster)


def test_a_portal_of_another_user_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make another user's folder")
    folder = tmp_path / "var"
    folder.mkdir()
    os.chown(folder, 12345, -1)
    with pytest.raises(Refusal, match="belongs to the user with number 12345"):
        Portal(Layout(folder)).refuse_strangers_folder()


def test_a_percent_sign_in_the_path_is_refused(tmp_path: Path) -> None:
    output = Instance(tmp_path / "50%").govdata("up", "--data", str(tmp_path / "50%"), "--detach", expected=1)
    assert "percent sign" in output


def test_a_damaged_state_file_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "state.json").write_text("{half")
    output = Instance(folder).govdata("up", "--data", str(folder), "--detach", expected=1)
    assert "is damaged" in output
    assert (folder / "state.json").read_text() == "{half"


def test_a_full_disk_is_said_before_anything_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        with pytest.raises(Refusal, match="is full"):
            machine.require_space(tmp_path, 10**9)
        return
    try:
        output = Instance(folder / "var").govdata(
            "up", "--data", str(folder / "var"), "--no-demo", "--detach", expected=1
        )
        assert "is full" in output and "--data DIR" in output
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_dead_servers_pid_file_is_removed_and_a_strangers_process_left_alone(instance: Instance) -> None:
    instance.down()
    pid_file = instance.data / "postgres" / "cluster" / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        pid_file.write_text(f"{stranger.pid}\n{pid_file.parent}\n")
        shutil.chown(pid_file, pid_file.parent.stat().st_uid)
        instance.up()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    assert instance.page("/")[0] == 200


def test_two_commands_at_once_do_not_meet(instance: Instance) -> None:
    with machine.only_one(instance.portal.layout.run / "lock"):
        output = instance.govdata("down", "--data", str(instance.data), expected=1)
    assert "Another govdata command" in output


def test_status_says_what_runs_and_what_does_not(instance: Instance, tmp_path: Path) -> None:
    output = instance.govdata("status", "--data", str(instance.data))
    for word in ("postgres", "redis", "web", "worker", "home page 200", f"http://127.0.0.1:{instance.port}/"):
        assert word in output
    assert "does not run" in instance.govdata("status", "--data", str(tmp_path), expected=3)


def test_secrets_are_read_by_the_owner_only(instance: Instance) -> None:
    for name in ("state.json", "sign-ins.txt", "ckan.ini", "run/generated.ini", "redis/redis.conf"):
        assert (instance.data / name).stat().st_mode & 0o077 == 0, name


def test_a_long_path_gets_a_short_socket(instance: Instance, tmp_path: Path) -> None:
    long = Layout(tmp_path / ("长" * 40))
    long.make()
    assert len(os.fsencode(socket_path(long))) < 108
    assert socket_path(long) == socket_path(long)
    shutil.rmtree(socket_path(long).parent)


def test_postgresql_runs_without_the_rights_of_root(instance: Instance) -> None:
    pid = int((instance.data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
    )
    capabilities = int(status["CapEff"], 16)
    reading_past = 1 << 2
    assert status["Uid"].split()[0] != "0" or os.geteuid() != 0 or privileges.READ_PAST == ""
    assert capabilities & ~reading_past == 0


def test_requests_never_meet_half_built_registries_of_actions_and_permissions(instance: Instance) -> None:
    script = "from ckanext.govdata.installation import wsgi\nfrom ckan import authz, logic\n"
    script += "print(len(logic._actions), len(authz._AuthFunctions._functions), len(logic._validators_cache))"
    variables = {**os.environ, "CKAN_INI": str(instance.data / "ckan.ini")}
    answer = subprocess.run([sys.executable, "-c", script], env=variables, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert all(int(count) > 20 for count in answer.stdout.split())


def test_the_portal_works_where_the_system_has_no_libmagic() -> None:
    script = "from ctypes import util; util.find_library = lambda name: None\n"
    script += "from ckanext.govdata.installation import libmagic; libmagic.ensure()\n"
    script += "import magic; print(magic.from_buffer('姓名,年龄'.encode(), mime=True))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert answer.stdout.strip() == "text/plain", answer.stderr


def test_without_any_libmagic_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libmagic, "find_library", lambda name: None)
    monkeypatch.setitem(sys.modules, "pylibmagic", None)
    with pytest.raises(Refusal, match="libmagic1"):
        libmagic.ensure()


def test_translations_are_compiled_when_they_are_newer(tmp_path: Path) -> None:
    folder = tmp_path / "themes" / "ckanext" / "x" / "i18n" / "zh_Hans_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "ckanext-x.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "a"\nmsgstr "甲"\n'
    )
    assert [path.name for path in compile_stale(tmp_path)] == ["ckanext-x.mo"]
    assert compile_stale(tmp_path) == []


@pytest.mark.parametrize(("language", "word"), [("zh_CN.UTF-8", "用法"), ("C.UTF-8", "usage")])
def test_the_script_speaks_the_readers_language_before_anything_is_installed(
    tmp_path: Path, language: str, word: str
) -> None:
    script = tmp_path / "govdata"
    shutil.copy(HOME / "govdata", script)
    answer = subprocess.run(
        [str(script), "--help"], env={"PATH": os.environ["PATH"], "LANG": language}, capture_output=True
    )
    assert word in answer.stdout.decode()


def test_without_venv_an_ordinary_user_is_told_what_root_must_install(tmp_path: Path) -> None:
    for name in ("uv.lock", "pyproject.toml", "setup.py", "config"):
        source = HOME / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    shutil.copy(HOME / "govdata", tmp_path / "govdata")
    lame = tmp_path / "lame"
    lame.write_text(f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n')
    lame.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "bin" / "id").chmod(0o755)
    variables = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "GOVDATA_PYTHON": str(lame), "LANG": "C"}
    answer = subprocess.run([str(tmp_path / "govdata"), "up"], env=variables, capture_output=True, text=True)
    assert answer.returncode == 1
    assert "apt-get install python3-venv" in answer.stderr


def test_an_unknown_city_stops_the_start_and_says_so(instance: Instance) -> None:
    output = instance.govdata(
        "up", "--data", str(instance.data), "--port", str(instance.port), "--city", "nowhere", "--detach", expected=1
    )
    assert "does not answer" in output and "nowhere" in output
    instance.up("--city", "zibo")
    assert "zibo" in instance.page("/api/3/action/govdata_city_show")[1]


def test_another_port_moves_a_running_portal(instance: Instance) -> None:
    before = instance.port
    instance.port = free_port()
    instance.up()
    assert instance.page("/")[0] == 200
    assert machine.port_is_free(before)
