"""CKAN's own command line with libmagic at hand: `python -m ckanext.govdata.installation.ckan_command ...`."""

import sys

from ckanext.govdata.installation import libmagic


def main() -> None:
    """Run `ckan` with the arguments given."""
    libmagic.ensure()
    from ckan.cli.cli import ckan

    sys.argv[0] = "ckan"
    ckan()


if __name__ == "__main__":
    main()
