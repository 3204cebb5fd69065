"""江海市 (Jianghai), a city that does not exist: agencies, catalogue, files and sign-ins to give every page something."""
