"""The life of an agreement: presented, signed, sealed, effective, ended; its grant, duties, breaches (LYG-19, LYG-40)."""
