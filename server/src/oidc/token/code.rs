//! Codes for tokens (RFC 6749 §4.1.3): once, by the client that they were given to, with what it asked with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use signet_shared::oauth::GrantType;

use super::{Tokens, invalid_grant, needed, tokens_of};
use crate::{
    app::{App, after},
    http::form::Params,
    model::{
        authorization::Redemption,
        client::Client,
        secret::{PlainCode, PlainRefreshToken},
        session::Origin,
    },
    oidc::{
        error::{ErrorCode, OAuthError},
        issue,
    },
    store::Redeemed,
};

const REFUSED: &str = "this code is unknown, expired, spent, another client's, or what came with it does not fit";

pub(super) async fn redeem(
    app: &App,
    client: &Client,
    params: &Params,
    origin: &Origin,
    now: Timestamp,
) -> Result<Tokens, OAuthError> {
    let code = PlainCode::parse(needed(params, "code")?).ok_or_else(|| invalid_grant(REFUSED))?;
    let challenge = params.get("code_verifier").map(challenge).transpose()?;
    let refreshes = client.metadata.grant_types.contains(&GrantType::RefreshToken);
    let refresh = refreshes.then(|| PlainRefreshToken::generate(app.entropy.as_ref()));
    let refresh_until = after(now, issue::refresh_token_lifetime(app, client));
    let redemption = Redemption {
        code: code.hash(),
        client: client.id.clone(),
        redirect_uri: params.get("redirect_uri").map(str::to_owned),
        challenge,
        refresh: refresh.as_ref().map(|token| (token.hash(), refresh_until)),
        expires_at: after(now, issue::access_token_lifetime(app, client)),
    };
    match app.store.redeem_code(&redemption, origin, now).await? {
        Redeemed::Granted(spoken) => {
            let scope = spoken.grant.scope.clone();
            let nonce = spoken.grant.details.nonce.clone();
            tokens_of(app, client, &spoken, scope, refresh, nonce.as_deref(), now)
        }
        Redeemed::Replayed => {
            app.metrics.reuse();
            tracing::warn!(client = client.id, "an authorization code was shown twice; what it gave is revoked");
            Err(invalid_grant(REFUSED))
        }
        Redeemed::Refused => Err(invalid_grant(REFUSED)),
    }
}

/// The S256 of a verifier (RFC 7636 §4.6).
fn challenge(verifier: &str) -> Result<String, OAuthError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(allowed) {
        return Err(OAuthError::new(ErrorCode::InvalidGrant, "a code_verifier has 43 to 128 letters, digits and -._~"));
    }
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standards_example() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier).unwrap(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        for bad in ["short", &"x".repeat(129), &"ü".repeat(43), &" ".repeat(43)] {
            assert!(challenge(bad).is_err());
        }
    }
}
