"""江海市 (Jianghai), a city that does not exist: agencies, catalogue, files and sign-ins, so that every page has something to show."""
