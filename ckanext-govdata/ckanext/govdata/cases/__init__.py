"""When something is wrong with the data, or missing: objections, withdrawal, tracing of leaks, requests, reports, ratings."""
