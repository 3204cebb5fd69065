"""Running sources on CKAN's background jobs: in slices, under a lease, resumed after any kill."""
