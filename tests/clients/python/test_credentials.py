"""Programs without users, which prove who they are by a secret or by a key."""

import unittest

from authlib.integrations.base_client import OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey, RSAKey

from provider import METADATA, registered, session

TOKEN_ENDPOINT = METADATA["token_endpoint"]
RESOURCE = "https://api.example.com"
ITSELF = {
    "grant_types": ["client_credentials"],
    "response_types": [],
    "redirect_uris": [],
    "scope": "orders:read orders:write",
}


def fetch(program, scope="orders:read"):
    return program.fetch_token(grant_type="client_credentials", scope=scope, resource=RESOURCE)


def with_key(key, algorithm, audience):
    """A client that is registered with the public half of a key, and signs with the whole."""
    jwks = {"keys": [{**key.as_dict(private=False), "kid": "one", "alg": algorithm, "use": "sig"}]}
    program = session(registered(**ITSELF, token_endpoint_auth_method="private_key_jwt", jwks=jwks), secret=key)
    program.register_client_auth_method(PrivateKeyJWT(audience, headers={"kid": "one"}, alg=algorithm))
    return program


class Credentials(unittest.TestCase):
    def test_with_a_secret(self):
        for method in ["client_secret_basic", "client_secret_post"]:
            client = registered(**ITSELF, token_endpoint_auth_method=method)
            program = session(client)
            self.assertEqual(fetch(program)["scope"], "orders:read")
            worth = program.introspect_token(METADATA["introspection_endpoint"], program.token["access_token"]).json()
            self.assertEqual((worth["client_id"], worth["aud"]), (client["client_id"], RESOURCE))

    def test_with_an_assertion(self):
        for key, algorithm in [
            (RSAKey.generate_key(2048), "RS256"),
            (RSAKey.generate_key(2048), "PS256"),
            (ECKey.generate_key("P-256"), "ES256"),
        ]:
            for audience in [TOKEN_ENDPOINT, METADATA["issuer"]]:
                program = with_key(key, algorithm, audience)
                self.assertTrue(fetch(program)["access_token"], algorithm)
                revoked = program.revoke_token(METADATA["revocation_endpoint"], program.token["access_token"])
                self.assertEqual(revoked.status_code, 200)

    def test_not_with_an_assertion_for_somebody_else(self):
        program = with_key(ECKey.generate_key("P-256"), "ES256", "https://elsewhere.example/token")
        with self.assertRaises(OAuthError) as refused:
            fetch(program)
        self.assertEqual(refused.exception.error, "invalid_client")

    def test_not_beyond_what_is_registered(self):
        with self.assertRaises(OAuthError) as refused:
            fetch(session(registered(**ITSELF)), scope="admin")
        self.assertEqual(refused.exception.error, "invalid_scope")


if __name__ == "__main__":
    unittest.main()
