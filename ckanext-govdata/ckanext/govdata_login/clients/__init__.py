"""Programs that act for people: OAuth 2 clients, their tokens, and CKAN's own API tokens held to scopes."""
