//! What metadata says of what is around it: that keys of an algorithm are here, and a list of a sector's redirect URIs there.

use signet_keys::Algorithm;
use signet_shared::admin::ClientMetadata;

use crate::{
    app::App,
    error::{FieldError, Refusal},
};

/// The longest list, in bytes.
const MAX_LIST: usize = 64 * 1024;

/// Checks all of it.
pub async fn check_surroundings(app: &App, metadata: &ClientMetadata) -> Result<(), Refusal> {
    check_algorithms(app, metadata)?;
    check_sector(app, metadata).await
}

/// What nothing here signs with, no client can have.
fn check_algorithms(app: &App, metadata: &ClientMetadata) -> Result<(), Refusal> {
    let keyring = app.keyring.load();
    let unsigned = |name: &String| {
        let algorithm: Option<Algorithm> = name.parse().ok();
        algorithm.is_some_and(|algorithm| keyring.signer_of(algorithm).is_none())
    };
    let wishes = [
        ("id_token_signed_response_alg", &metadata.id_token_signed_response_alg),
        ("userinfo_signed_response_alg", &metadata.userinfo_signed_response_alg),
    ];
    let unmet = wishes.into_iter().filter(|(_, wish)| wish.as_ref().is_some_and(unsigned));
    let message = "no key signs with this algorithm here; an operator can add it among the signing keys";
    let mistakes: Vec<_> = unmet.map(|(field, _)| FieldError::new(field, message)).collect();
    if mistakes.is_empty() { Ok(()) } else { Err(Refusal::Invalid(mistakes)) }
}

/// Checks that a client belongs to the sector that it names: clients that know a user by the same pairwise subject say so
/// with a list of all their redirect URIs (OpenID Connect Core §8.1, Dynamic Client Registration §5).
async fn check_sector(app: &App, metadata: &ClientMetadata) -> Result<(), Refusal> {
    let Some(uri) = &metadata.sector_identifier_uri else { return Ok(()) };
    let refused = |message: &'static str| Err(Refusal::field("sector_identifier_uri", message));
    let body = match app.outgoing.objects.get(uri, "application/json", MAX_LIST).await {
        Ok(body) => body,
        Err(error) => {
            tracing::info!(%error, "a sector's list could not be fetched");
            return refused("the list of the sector's redirect URIs could not be fetched");
        }
    };
    match serde_json::from_slice::<Vec<String>>(&body) {
        Ok(list) if metadata.redirect_uris.iter().all(|uri| list.contains(uri)) => Ok(()),
        Ok(_) => refused("the list there does not hold every redirect URI of this client"),
        Err(_) => refused("what is there is no JSON array of redirect URIs"),
    }
}
