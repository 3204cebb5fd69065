"""CKAN without Solr: a search engine inside the portal behind CKAN's own search seam; usable by any CKAN on its own."""
