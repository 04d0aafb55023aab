"""The provider under test, and clients of it that use Authlib."""

import os

import requests
from authlib.integrations.requests_client import OAuth2Session

ISSUER = os.environ["SIGNET_ISSUER"]
USER = os.environ["SIGNET_USER"]
CALLBACK = "https://shop.example/callback"
BYE = "https://shop.example/bye"

METADATA = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=30).json()


def registered(**metadata):
    """A client that an operator registers, with other metadata in place of the usual."""
    usual = {
        "client_name": "Shop",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [BYE],
        "grant_types": ["authorization_code", "refresh_token"],
    }
    headers = {"Authorization": f"Bearer {os.environ['SIGNET_ADMIN_TOKEN']}"}
    answer = requests.post(f"{ISSUER}/admin/v1/clients", json={**usual, **metadata}, headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()


def session(client, secret=None, **options):
    """The same, set up in Authlib."""
    method = client["token_endpoint_auth_method"]
    return OAuth2Session(
        client["client_id"],
        secret or client.get("client_secret"),
        redirect_uri=CALLBACK,
        scope="openid email offline_access",
        code_challenge_method="S256",
        token_endpoint=METADATA["token_endpoint"],
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        **options,
    )
