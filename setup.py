"""Compiles the translations while a wheel or an editable installation is built; everything else stands in pyproject.toml.

The file also lets CKAN's Babel extractors find the messages of the three folders.
"""

import importlib.util
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HOME = Path(__file__).parent
_MESSAGES = HOME / "ckanext-govdata" / "ckanext" / "govdata" / "installation" / "messages.py"


class BuildWithMessages(build_py):
    """Compile the messages first, so that they are among the files that the wheel takes."""

    def run(self) -> None:
        """Compile, then build as usual."""
        spec = importlib.util.spec_from_file_location("messages", _MESSAGES)
        if spec is None or spec.loader is None:
            raise RuntimeError(f"{_MESSAGES} is missing")
        messages = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(messages)
        messages.compile_stale(HOME)
        super().run()


setup(cmdclass={"build_py": BuildWithMessages})
