"""`./govdata ckan ...`: CKAN's own command line in the portal's environment."""

import argparse
import os
import sys

from ckanext.govdata.installation.layout import layout_of
from ckanext.govdata.installation.portal import Portal
from ckanext.govdata.installation.supervisor import environment
from ckanext.govdata.installation.words import Refusal


def ckan(options: argparse.Namespace) -> int:
    """Replace this process by CKAN's command; its exit code is the command's."""
    portal = Portal(layout_of(options.data))
    if portal.supervisor.pid is None:
        raise Refusal(
            "The portal does not run, and CKAN's commands need its database. First: ./govdata up --detach",
            "门户没有运行, 而 CKAN 的命令需要数据库。请先运行: ./govdata up --detach",
        )
    words = options.arguments[1:] if options.arguments[:1] == ["--"] else options.arguments
    command = [sys.executable, "-m", "ckanext.govdata.installation.ckan_command", *words]
    os.execve(sys.executable, command, environment(portal.layout))  # noqa: S606  (no shell is wanted)
