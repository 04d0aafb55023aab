//! Clients: what their metadata must be, and how one is written. Whoever registers one comes here.

mod keys;
mod patch;
mod rules;
mod surroundings;

use std::convert::Infallible;

pub use keys::ClientKeys;
pub use patch::MetadataPatch;
pub use surroundings::check_surroundings;

use crate::{
    app::App,
    error::{FieldError, Refusal},
    model::audit::Event,
    rotation::{Decision, RingError, due, policy},
    store::{Along, ClientWrite, Creation, StoreError},
    tuning,
};

/// Puts the stored clients in force.
pub async fn load(app: &App) -> anyhow::Result<()> {
    let (revision, clients) = app.store.load_clients().await?;
    app.clients.replace(revision, clients);
    Ok(())
}

/// Writes a client, and puts it in force here; other nodes notice within a second or so.
pub async fn write(app: &App, write: &ClientWrite, event: &Event) -> Result<Creation, Refusal> {
    let written = if write.client.longest_token() == 0 {
        app.store.write_client(write, event, app.now()).await?
    } else {
        write_with_keys(app, write, event).await?
    };
    if written == Creation::Created {
        reload(app).await;
    }
    Ok(written)
}

/// After a change that is written. Should it fail, the job that follows other nodes' changes does it within a second.
pub async fn reload(app: &App) {
    if let Err(error) = load(app).await {
        tracing::warn!(error = format!("{error:#}"), "a change of the clients is not in force here yet");
    }
}

/// How often a client is judged anew because the settings moved.
const MAX_TRIES: usize = 10;

/// Keys have to outlive the tokens of a client that has lifetimes of its own: both are written in one transaction, which holds
/// only with the settings that they were judged with.
async fn write_with_keys(app: &App, write: &ClientWrite, event: &Event) -> Result<Creation, Refusal> {
    for _ in 0..MAX_TRIES {
        match try_with_keys(app, write, event).await? {
            Some(written) => return Ok(written),
            None => tuning::load(app).await?,
        }
    }
    Err(StoreError::Conflict.into())
}

/// `None` when the settings moved.
async fn try_with_keys(app: &App, write: &ClientWrite, event: &Event) -> Result<Option<Creation>, Refusal> {
    let (settings, judged_with) = {
        let current = app.settings.get();
        (current.clone(), current.revision())
    };
    let longest = write.client.longest_token().max(app.clients.get().longest_token());
    if let Err(error) = settings.check_keys_outlive(longest) {
        return Err(Refusal::Invalid(vec![FieldError::new("lifetimes", error)]));
    }
    let policy = policy(&settings, longest, app.store.is_shared());
    let decide = |records: &[_], plans: &[_], now| {
        let (along, event) = (Along::Client(Box::new(write.clone()), judged_with), Some(event.clone()));
        Ok(Decision { along, event, ..due(records, plans, &settings, &policy, now) })
    };
    match app.rotator().change::<Infallible>(&policy, decide).await {
        Ok(ring) => {
            app.install(&ring)?;
            Ok(Some(Creation::Created))
        }
        Err(RingError::Outdated) => Ok(None),
        Err(RingError::Refused(reason)) => Ok(Some(reason)),
        Err(RingError::Failed(error)) => Err(error.into()),
        Err(RingError::Declined(never)) => match never {},
    }
}
