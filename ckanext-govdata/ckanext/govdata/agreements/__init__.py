"""Agreements on conditional data (LYG-19, YZ-27): model texts, the document, its signatures, its verification.

    texts/         what the authority provides: model texts by version, clauses by the dataset's use codes
    documents/     one agreement as canonical JSON (RFC 8785), and from it the page, the PDF/A-3 and the API's answer
    signing/       keys, timestamps, seal providers; a signature at one of three levels put into the PDF
    verification/  one file that anybody runs, and the portal's page on top of it
    keeping.py     what other rooms call, in their own transaction: `present(facts..)`, and the steps of a document
    life.py        what other rooms are told, in the same transaction: `listen(step, function)`; one that raises stops the step

Guarantee: a presented document's text never changes; a signature is either whole, with its timestamp, or not there.
"""
