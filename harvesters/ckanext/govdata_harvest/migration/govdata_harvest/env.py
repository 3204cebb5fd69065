"""How alembic reaches the tables of the govdata_harvest plugin."""

from pathlib import Path

from alembic import context
from ckan.model.meta import metadata
from sqlalchemy import engine_from_config, pool

PLUGIN = Path(__file__).parent.name


def include_object(_object, name, kind, _reflected, _compare_to):
    if kind != "table":
        return True
    return name.startswith(f"{PLUGIN}_")


SETTINGS = {
    "target_metadata": metadata,
    "version_table": f"{PLUGIN}_alembic_version",
    "include_object": include_object,
}


def run_offline():
    context.configure(url=context.config.get_main_option("sqlalchemy.url"), literal_binds=True, **SETTINGS)
    with context.begin_transaction():
        context.run_migrations()


def run_online():
    section = context.config.get_section(context.config.config_ini_section)
    engine = engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, **SETTINGS)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
