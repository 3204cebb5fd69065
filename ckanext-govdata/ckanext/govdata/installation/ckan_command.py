"""CKAN's own command line with libmagic at hand: `python -m ckanext.govdata.installation.ckan_command ...`."""

from ckanext.govdata.installation import libmagic


def main() -> None:
    """Run `ckan` with the arguments given."""
    libmagic.ensure()
    from ckan.cli.cli import ckan

    ckan(prog_name="ckan")


if __name__ == "__main__":
    main()
