//! Settings in force: seeded at the first start, read into a snapshot, changed by operators.
//!
//! A change is written in one transaction with what it means for the keys: a lifetime raised and lowered again between
//! two plans of the rotation would else go unseen.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use signet_shared::admin::Change;

use crate::{
    app::{App, Current},
    error::{FieldError, Refusal},
    model::{
        actor::Actor,
        audit::{Event, EventType},
        client::Clients,
        setting::{InvalidSetting, Settings},
    },
    rotation::{Decision, RingError, due},
    store::{Along, SettingsWrite, Store},
};

/// Writes the first values, once in the life of a database.
pub async fn seed(
    store: &Store,
    values: &BTreeMap<String, Value>,
    https: bool,
    now: jiff::Timestamp,
) -> anyhow::Result<()> {
    let mut settings = Settings::defaults(https);
    for (key, value) in values {
        settings.set(key, value)?;
    }
    let changes = json!(differences(&Settings::defaults(https), &settings));
    let actor = "system".to_owned();
    let write = SettingsWrite { seen: 0, values: values.clone(), changes, effective: settings.to_json(), actor };
    store.seed_settings(&write, now).await?;
    Ok(())
}

/// The stored settings and their revision.
pub async fn read(store: &Store, https: bool) -> anyhow::Result<(i64, Settings)> {
    let stored = store.load_settings().await?;
    let mut settings = Settings::defaults(https);
    for (key, value) in &stored.values {
        // A newer version may have left one we do not know, or a range may have narrowed: go on with the default.
        if let Err(error) = settings.set(key, value) {
            tracing::warn!(%error, "a stored setting is not used");
        }
    }
    Ok((stored.revision, settings))
}

/// Puts the stored settings in force.
pub async fn load(app: &App) -> anyhow::Result<()> {
    let (revision, settings) = read(&app.store, app.public_url.is_https()).await?;
    app.settings.replace(revision, settings);
    Ok(())
}

/// Says so where an operator may and yet should not.
pub fn warn_about(settings: &Settings) {
    if settings.scrypt_log_n < 15 {
        tracing::warn!(
            scrypt_log_n = settings.scrypt_log_n,
            "passwords are hashed with less work than production needs"
        );
    }
}

/// Settings as somebody wants them, in place of those at a revision.
pub struct Proposal {
    /// The revision it was made on.
    pub revision: i64,
    /// What differs.
    pub changes: Vec<Change>,
    candidate: Settings,
    /// The revision of the clients that it was judged with.
    judged_with: i64,
}

/// What came of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It is in force, at this revision.
    Done(i64),
    /// The settings moved meanwhile.
    Stale,
    /// The clients moved meanwhile: it has to be judged anew.
    Outdated,
}

impl Proposal {
    /// Checks each value and the rules that span several, and those with the lifetimes of clients; all mistakes are told at
    /// once.
    pub fn new(
        revision: i64,
        current: &Settings,
        wishes: &BTreeMap<String, Value>,
        clients: &Current<Clients>,
    ) -> Result<Self, Refusal> {
        let mut candidate = current.clone();
        let refused = |key: &String, error: InvalidSetting| FieldError::new(key.clone(), error);
        let errors: Vec<_> = wishes
            .iter()
            .filter_map(|(key, value)| candidate.set(key, value).err().map(|error| refused(key, error)))
            .collect();
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors));
        }
        let fits = candidate.validate().and_then(|()| candidate.check_keys_outlive(clients.longest_token()));
        fits.map_err(|error| Refusal::field("", error))?;
        let changes = differences(current, &candidate);
        Ok(Self { revision, changes, candidate, judged_with: clients.revision() })
    }

    /// What would be in force.
    pub fn settings(&self) -> &Settings {
        &self.candidate
    }

    /// Writes it, and puts it in force here; other nodes notice within a second or so.
    pub async fn apply(&self, app: &App, actor: &Actor, kind: EventType) -> Result<Applied, Refusal> {
        let object = |pick: fn(&Change) -> &Value| {
            Value::Object(self.changes.iter().map(|change| (change.key.clone(), pick(change).clone())).collect())
        };
        let event = Event::by(actor, kind).changing(object(|change| &change.before), object(|change| &change.after));
        let write = SettingsWrite {
            seen: self.revision,
            values: self.changes.iter().map(|change| (change.key.clone(), change.after.clone())).collect(),
            changes: json!(self.changes),
            effective: self.candidate.to_json(),
            actor: actor.principal.to_string(),
        };
        let policy = app.rotation_policy(&self.candidate);
        let decide = |records: &[_], plans: &[_], now| {
            let (along, event) = (Along::Settings(write.clone(), self.judged_with), Some(event.clone()));
            Ok(Decision { along, event, ..due(records, plans, &self.candidate, &policy, now) })
        };
        match app.rotator().change::<std::convert::Infallible>(&policy, decide).await {
            Ok(ring) => {
                app.install(&ring)?;
                warn_about(&self.candidate);
                app.settings.replace(self.revision + 1, self.candidate.clone());
                Ok(Applied::Done(self.revision + 1))
            }
            Err(RingError::Refused(_)) => Ok(Applied::Stale),
            Err(RingError::Outdated) => Ok(Applied::Outdated),
            Err(RingError::Failed(error)) => Err(error.into()),
            Err(RingError::Declined(never)) => match never {},
        }
    }
}

fn differences(before: &Settings, after: &Settings) -> Vec<Change> {
    let change = |key: &'static str| {
        let (before, after) = (before.get(key)?, after.get(key)?);
        (before != after).then(|| Change { key: key.to_owned(), before, after })
    };
    Settings::DEFINITIONS.iter().filter_map(|definition| change(definition.key)).collect()
}
