"""Signing in with an outside identity service, by OpenID Connect or by plain OAuth 2 with a profile."""
