"""One agreement: canonical JSON, and from it the page, the PDF and the API's answer."""
