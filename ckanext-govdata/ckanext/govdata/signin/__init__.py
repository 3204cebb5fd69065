"""What signing in tells the portal and asks of it: entries of the ledger, parties, scopes, second factors."""
