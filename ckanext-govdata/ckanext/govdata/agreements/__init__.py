"""Agreements on conditional data (LYG-19, YZ-27): model texts, the document, its signatures, its verification.

    texts/         what the authority provides: model texts by version, clauses by the dataset's use codes
    documents/     one agreement as canonical JSON (RFC 8785), and from it the page, the PDF/A-3 and the API's answer
    signing/       keys, timestamps, seal providers; a signature at one of three levels put into the PDF
    verification/  one file that anybody runs, and the portal's page on top of it
    keeping.py     a document and its steps, in the caller's transaction: `present`, `sign_agreed`, `seal`, `void`
    external.py    a signature by the signer's own certificate: `prepare`, `embed`
    gathering.py   `facts_of(...)`: what an agreement is made from, taken from CKAN and the party as they stand now
    listening.py   who follows a document's steps, in the same transaction: `listen(function)`; one that raises stops it
    actions.py     the steps as actions: govdata_agreement_document_{list,show,read,sign,prepare,embed,seal}

Guarantee: a presented document's text never changes; a signature is either whole, with its timestamp, or not there.
"""
