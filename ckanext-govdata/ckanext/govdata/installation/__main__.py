"""The Python side of `./govdata`: reads the command line and hands over to the module of the command."""

import argparse
import errno
import importlib
import os
import signal
import sys
from collections.abc import Callable

from ckanext.govdata.installation.words import Refusal, pick

#: command -> module and function that carry it out
_COMMANDS = {
    "up": ("up", "up"),
    "down": ("up", "down"),
    "status": ("status", "status"),
    "ckan": ("relay", "ckan"),
    "test": ("testing", "test"),
    "bench": ("bench", "bench"),
    "backup": ("backup", "backup"),
    "restore": ("restore", "restore"),
}


def parser() -> argparse.ArgumentParser:
    """The command line as argparse knows it; `--help` shows it."""
    top = argparse.ArgumentParser(
        prog="./govdata", description=pick("An open-data portal for a city.", "城市公共数据开放平台。")
    )
    commands = top.add_subparsers(dest="command", required=True)

    def add(name: str, english: str, chinese: str) -> argparse.ArgumentParser:
        text = pick(english, chinese)
        command = commands.add_parser(name, help=text, description=text)
        if name not in ("test", "bench"):
            command.add_argument(
                "--data", metavar="DIR", help=pick("the data folder (default: var/)", "数据目录(默认 var/)")
            )
        return command

    up = add("up", "start the portal", "启动门户")
    up.add_argument("--city", metavar="KEY", help=pick("whose rules hold", "适用哪个城市的规则"))
    up.add_argument("--port", type=int, help=pick("where it answers (default: 5000)", "网站端口(默认 5000)"))
    up.add_argument("--no-demo", action="store_true", help=pick("without the demo city", "不装入演示城市"))
    up.add_argument("--detach", action="store_true", help=pick("leave it running in the background", "在后台运行"))
    add("down", "stop the portal", "停止门户")
    add("status", "what runs, since when, how well", "查看运行状况")
    ckan = add("ckan", "CKAN's own command line", "CKAN 自带的命令行")
    ckan.add_argument("arguments", nargs=argparse.REMAINDER)
    test = add("test", "run the tests", "运行测试")
    test.add_argument("--all", action="store_true", help=pick("at full size", "按完整规模"))
    test.add_argument("arguments", nargs=argparse.REMAINDER, help=pick("pytest's arguments", "pytest 的参数"))
    bench = add("bench", "measure, and write a table", "性能测量, 输出表格")
    bench.add_argument("name", nargs="?")
    backup = add(
        "backup", "copy the portal into FILE, the keys into FILE.keys", "把门户备份到 FILE, 密钥备份到 FILE.keys"
    )
    backup.add_argument("file")
    restore = add("restore", "make a portal from a backup", "从备份恢复门户")
    restore.add_argument("file")
    restore.add_argument("--force", action="store_true", help=pick("replace the portal that is there", "覆盖现有门户"))
    return top


def main() -> int:
    """Carry out the command; every refusal is one clear message and exit code 1."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["test"]:  # pytest's own options pass through, wherever --all stands
        rest = [word for word in arguments[1:] if word != "--all"]
        options = argparse.Namespace(command="test", all="--all" in arguments, arguments=rest)
    elif arguments[:1] == ["ckan"] and arguments[1:2] != ["--data"]:  # so do CKAN's
        options = argparse.Namespace(command="ckan", data=None, arguments=arguments[1:])
    else:
        options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    os.umask(0o022)
    module, name = _COMMANDS[options.command]
    try:
        work: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(f"{__package__}.{module}"), name)
        return work(options)
    except Refusal as refusal:
        print(f"govdata: {refusal}", file=sys.stderr)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        text = pick("The disk is full. Make room, then start again.", "磁盘已满。请清理后重试。")
        print(f"govdata: {text} ({error.filename or error})", file=sys.stderr)
    except KeyboardInterrupt:
        print(
            pick("\nInterrupted. ./govdata up goes on from here.", "\n已中断。再次运行 ./govdata up 可继续。"),
            file=sys.stderr,
        )
    return 1


if __name__ == "__main__":
    sys.exit(main())
