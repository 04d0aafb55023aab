//! Sectors: clients that know a user by the same pairwise subject say so with a list of all their redirect URIs, which has to
//! be there (OpenID Connect Core §8.1, Dynamic Client Registration §5).

use signet_shared::admin::ClientMetadata;

use crate::{app::App, error::Refusal};

/// The longest list, in bytes.
const MAX_LIST: usize = 64 * 1024;

/// Checks that a client belongs to the sector that it names.
pub async fn check_sector(app: &App, metadata: &ClientMetadata) -> Result<(), Refusal> {
    let Some(uri) = &metadata.sector_identifier_uri else { return Ok(()) };
    let refused = |message: &'static str| Err(Refusal::field("sector_identifier_uri", message));
    let body = match app.outgoing.get(uri, "application/json", MAX_LIST).await {
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
