"""The `./govdata` command: a portal with its own PostgreSQL and Redis, its tests, benchmarks and backups.

Nothing here imports CKAN at module level except the modules that run inside CKAN (`prepare`, `wsgi`, `worker`),
so that `status` or `down` answer at once.
"""
