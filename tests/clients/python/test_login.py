"""Logging in with a code, and what follows."""

import unittest

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from browser import Browser
from provider import CALLBACK, ISSUER, METADATA, USER, registered, session


def log_in(client, browser=None, **parameters):
    """A login, to the session with its tokens and the nonce that was sent."""
    shop, verifier, nonce = session(client), generate_token(48), generate_token()
    url, state = shop.create_authorization_url(
        METADATA["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **parameters
    )
    answer = (browser or Browser()).visit(url)
    assert answer.startswith(CALLBACK + "?"), answer
    shop.fetch_token(authorization_response=answer, state=state, code_verifier=verifier)
    return shop, nonce


def believed(token, client, nonce):
    """The claims of an ID token, once Authlib has verified it with nothing but the key set."""
    keys = KeySet.import_key_set(requests.get(METADATA["jwks_uri"], timeout=30).json())
    registry = JWSRegistry(algorithms=METADATA["id_token_signing_alg_values_supported"])
    decoded = jwt.decode(token["id_token"], keys, registry=registry)
    known = {"client_id": client["client_id"], "nonce": nonce, "access_token": token["access_token"]}
    options = {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": client["client_id"]}}
    claims = CodeIDToken(decoded.claims, decoded.header, options, known)
    claims.validate()
    return claims


class Login(unittest.TestCase):
    def test_a_code_gives_an_id_token_that_authlib_believes_and_the_userinfo_of_the_same_user(self):
        for algorithm in ["RS256", "ES256"]:
            client = registered(id_token_signed_response_alg=algorithm)
            shop, nonce = log_in(client)
            claims = believed(shop.token, client, nonce)
            self.assertEqual(claims.header["alg"], algorithm)
            info = shop.get(METADATA["userinfo_endpoint"]).json()
            self.assertEqual((info["sub"], info["email"]), (claims["sub"], USER))

    def test_a_public_client_logs_in_with_pkce_alone(self):
        client = registered(token_endpoint_auth_method="none")
        shop, nonce = log_in(client)
        self.assertTrue(believed(shop.token, client, nonce)["sub"])

    def test_a_refresh_token_gives_new_tokens_of_the_same_login(self):
        client = registered(token_endpoint_auth_method="client_secret_post")
        shop, nonce = log_in(client)
        before = dict(shop.token)
        shop.refresh_token(METADATA["token_endpoint"])
        self.assertNotEqual(shop.token["refresh_token"], before["refresh_token"])
        # OpenID Connect Core §12.2: a refreshed ID token need not have the nonce.
        first, second = believed(before, client, nonce), believed(shop.token, client, None)
        for claim in ["iss", "sub", "aud", "auth_time"]:
            self.assertEqual(first[claim], second[claim])
        self.assertEqual(shop.get(METADATA["userinfo_endpoint"]).json()["sub"], first["sub"])

    def test_a_revoked_refresh_token_takes_its_access_tokens_along(self):
        client = registered()
        shop, _ = log_in(client)
        token = dict(shop.token)
        answer = shop.revoke_token(METADATA["revocation_endpoint"], token["refresh_token"], "refresh_token")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(shop.get(METADATA["userinfo_endpoint"]).status_code, 401)
        worth = shop.introspect_token(METADATA["introspection_endpoint"], token["access_token"])
        self.assertEqual(worth.json(), {"active": False})
        with self.assertRaises(OAuthError) as refused:
            shop.refresh_token(METADATA["token_endpoint"], token["refresh_token"])
        self.assertEqual(refused.exception.error, "invalid_grant")


if __name__ == "__main__":
    unittest.main()
