//! What streams and long transfers have in common: there are only so many, each ends when the server stops, and each looks
//! again every few seconds whether its caller still may.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use signet_shared::admin::Permission;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::is_backed;
use crate::{
    app::App,
    error::Refusal,
    model::actor::{Actor, Principal, Role},
};

/// How often a stream looks whether its caller still may.
const RECHECK: Duration = Duration::from_secs(5);
/// How long a stream lasts: its caller then shows again who they are, and takes it up where it was.
const LONGEST: Duration = Duration::from_secs(900);

/// A stream's hold on the server.
pub(super) struct Watch {
    app: Arc<App>,
    caller: Actor,
    wanted: Permission,
    stopping: watch::Receiver<bool>,
    begun: Instant,
    checked: Instant,
    _place: OwnedSemaphorePermit,
}

impl Watch {
    /// Takes one of the places there are, for what takes this permission.
    pub(super) fn begin(app: Arc<App>, caller: Actor, wanted: Permission) -> Result<Self, Refusal> {
        let place = Arc::clone(&app.streams).try_acquire_owned();
        let place = place.map_err(|_| Refusal::Overloaded(RECHECK))?;
        let stopping = app.stopping.subscribe();
        Ok(Self { app, caller, wanted, stopping, begun: Instant::now(), checked: Instant::now(), _place: place })
    }

    pub(super) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Waits; false when the stream has to end.
    pub(super) async fn wait(&mut self, period: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(period) => {}
            () = self.stopping() => return false,
        }
        self.may_go_on().await
    }

    /// Until the server stops.
    pub(super) async fn stopping(&mut self) {
        // The sender is the app's own, which lives as long.
        let _ = self.stopping.wait_for(|stopping| *stopping).await;
    }

    /// Whether what has begun may go on.
    pub(super) async fn may_go_on(&mut self) -> bool {
        if *self.stopping.borrow() || self.begun.elapsed() > LONGEST {
            return false;
        }
        if self.checked.elapsed() < RECHECK {
            return true;
        }
        self.checked = Instant::now();
        // A database that does not answer is no reason to cut a stream off: nothing comes through it meanwhile.
        still_may(&self.app, &self.caller.principal, self.wanted).await.unwrap_or(true)
    }
}

async fn still_may(app: &App, principal: &Principal, wanted: Permission) -> Result<bool, Refusal> {
    match principal {
        Principal::User { id, session, .. } => {
            let user = app.store.find_account(*id, *session).await?;
            Ok(user.and_then(|user| Role::of(&user.roles)).is_some_and(|role| role.may(wanted)))
        }
        Principal::ApiKey { id, .. } => match app.store.find_api_key_by_id(id).await? {
            Some(key) => is_backed(app, &key).await,
            None => Ok(false),
        },
    }
}
