"""Single settings of a portal's ini, read without CKAN: for small processes that must not weigh what CKAN weighs."""

from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

_SECTION = "app:main"
_INCLUDES = "config:"


def setting(ini: Path, name: str, default: str = "") -> str:
    """The value that CKAN would find: in this ini, else in the ini that it stands on (`use = config:FILE`), and so on."""
    return next((section[name].strip() for section in _sections(ini) if name in section), default)


def _sections(ini: Path) -> Iterator[dict[str, str]]:
    while True:
        reader = ConfigParser(defaults={"here": str(ini.parent).replace("%", "%%")}, delimiters=("=",))
        reader.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
        with ini.open(encoding="utf-8") as lines:
            reader.read_file(lines)
        section = dict(reader[_SECTION]) if reader.has_section(_SECTION) else {}
        yield section
        use = section.get("use", "")
        if not use.startswith(_INCLUDES):
            return
        ini = (ini.parent / use.removeprefix(_INCLUDES).split("#")[0]).resolve()
