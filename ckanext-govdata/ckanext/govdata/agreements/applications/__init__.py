"""Applications for conditional data and for data shared between agencies (LYG-10, LYG-19, YZ-22, DCF-25)."""
