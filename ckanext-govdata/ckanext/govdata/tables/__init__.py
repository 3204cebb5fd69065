"""Tables: rows of published unconditional CSV and Excel files in CKAN's DataStore, for preview and API."""
