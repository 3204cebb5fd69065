"""The signature of a request to S3, by botocore (extra `s3`)."""

from __future__ import annotations


def signed(address: str, region: str, access_key: str, secret_key: str) -> tuple[str, dict[str, str]]:
    """The address as it has to be asked for, and the headers that sign a GET of it (AWS Signature Version 4)."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method="GET", url=address)
    S3SigV4Auth(Credentials(access_key, secret_key), "s3", region).add_auth(request)
    return str(request.url), {str(name): str(value) for name, value in request.headers.items()}
