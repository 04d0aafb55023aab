//! The key ring as rows. Every change is one transaction that holds only if
//! nobody else changed the ring since it was read: two rotators cannot both win.

use jiff::Timestamp;
use signet_keys::{Algorithm, KeyId, KeyRecord, KeyState, PublicKey, SealedKey};
use surrealdb::types::SurrealValue;

use super::{
    Store, StoreError,
    audit::EventRow,
    clients::ClientWrite,
    connection::vars,
    creation::{CreatedOnce, Creation},
    settings::{SettingsWrite, SettingsWriteRow},
    statements::{create_once, record_event, write_client, write_settings},
    time::{instant, millis},
};
use crate::model::audit::Event;

/// All keys at one revision.
#[derive(Clone, Debug, Default)]
pub struct KeyRing {
    /// Moves with every change.
    pub revision: i64,
    /// Published keys and those gone.
    pub keys: Vec<StoredKey>,
    /// What an operator wants beyond the settings.
    pub plans: Vec<AlgorithmPlan>,
}

/// One key: where it is in its life, its public half, and its private half while it may still sign.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// Identity and lifecycle.
    pub record: KeyRecord,
    /// What verifiers get.
    pub public: PublicKey,
    /// Sealed with the master key.
    pub sealed: Option<SealedKey>,
}

/// What an operator wants for the keys of one algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlgorithmPlan {
    /// Which.
    pub algorithm: Algorithm,
    /// Whether it is in use beside the default.
    pub added: bool,
    /// When its next key shall sign, though its time may not have come.
    pub rotates_at: Option<Timestamp>,
}

/// A change of the ring, with what goes along with it: all of it or nothing.
#[derive(Clone, Debug, Default)]
pub struct RingChange {
    /// Keys that are new or moved on.
    pub written: Vec<StoredKey>,
    /// Keys that nobody needs to know of any more.
    pub forgotten: Vec<KeyId>,
    /// Plans that are new or changed.
    pub plans: Vec<AlgorithmPlan>,
    /// The change that asks for it.
    pub along: Along,
    /// For the audit log.
    pub event: Option<Event>,
}

/// What is written along with a change of the ring: what keys have to outlive is changed together with their plan.
#[derive(Clone, Debug, Default)]
pub enum Along {
    /// Nothing.
    #[default]
    Nothing,
    /// Settings, judged with the clients at a revision.
    Settings(SettingsWrite, i64),
    /// A client, judged with the settings at a revision.
    Client(Box<ClientWrite>, i64),
}

/// What came of a change of the ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RingSaved {
    /// It is written, with what went along.
    Saved,
    /// The ring is not the one that was read any more.
    RingMoved,
    /// What it was judged with is not what there is any more; nothing is written.
    Outdated,
    /// What was to go along cannot be, or was there before; nothing is written.
    Refused(Creation),
}

#[derive(SurrealValue)]
struct RingRow {
    revision: i64,
    keys: Vec<KeyRow>,
    plans: Vec<PlanRow>,
}

#[derive(SurrealValue)]
struct KeyRow {
    kid: String,
    algorithm: String,
    public: String,
    sealed: Option<String>,
    state: String,
}

#[derive(SurrealValue)]
struct PlanRow {
    algorithm: String,
    added: bool,
    rotates_at: Option<i64>,
}

const LOAD: &str = "RETURN {
    revision: (SELECT VALUE number FROM ONLY revision:keys) ?? 0,
    keys: (SELECT record::id(id) AS kid, algorithm, public, sealed, state FROM signing_key),
    plans: (SELECT record::id(id) AS algorithm, added, rotates_at FROM key_plan)
}";

const SAVE: &str = concat!(
    "RETURN {
        LET $revision = (SELECT VALUE number FROM ONLY revision:keys) ?? 0;
        LET $sealed_with = (SELECT VALUE fingerprint FROM ONLY master_key:current) ?? $opened_with;
        LET $settings_revision = (SELECT VALUE number FROM ONLY revision:settings) ?? 0;
        LET $clients_revision = (SELECT VALUE number FROM ONLY revision:clients) ?? 0;
        IF $revision != $seen OR $sealed_with != $opened_with { { outcome: 'ring_moved', answer: NONE } }
        ELSE IF $client IS NOT NONE AND $judged_with != $settings_revision { { outcome: 'outdated', answer: NONE } }
        ELSE IF $settings IS NOT NONE AND $judged_with != $clients_revision { { outcome: 'outdated', answer: NONE } }
        ELSE {
            LET $along = IF $client IS NOT NONE {",
    write_client!(),
    "       } ELSE IF $settings IS NOT NONE AND $settings.seen != $settings_revision {
                { outcome: 'settings_moved', answer: NONE }
            } ELSE {
                IF $settings IS NOT NONE {",
    write_settings!(),
    "           };",
    record_event!(),
    "           { outcome: 'created', answer: NONE }
            };
            IF $along.outcome = 'created' {
                FOR $key IN $keys {
                    UPSERT type::record('signing_key', $key.kid) SET algorithm = $key.algorithm, public = $key.public,
                        sealed = $key.sealed, state = $key.state RETURN NONE;
                };
                FOR $kid IN $forgotten { DELETE type::record('signing_key', $kid) RETURN NONE };
                FOR $plan IN $plans {
                    UPSERT type::record('key_plan', $plan.algorithm) SET added = $plan.added, rotates_at = $plan.rotates_at RETURN NONE;
                };
                UPSERT revision:keys SET number = $revision + 1 RETURN NONE;
                UPSERT master_key:current SET fingerprint = $sealing_with RETURN NONE;
            };
            $along
        }
    }"
);

impl Store {
    /// Reads the whole ring.
    pub async fn load_keys(&self) -> Result<KeyRing, StoreError> {
        let row: RingRow = self.connection.call(LOAD, vars! {}).await?;
        let keys = row.keys.into_iter().map(StoredKey::try_from).collect::<Result<_, _>>()?;
        let plans = row.plans.into_iter().map(AlgorithmPlan::try_from).collect::<Result<_, _>>()?;
        Ok(KeyRing { revision: row.revision, keys, plans })
    }

    /// Writes a change if the ring is still at the revision seen and sealed with the master key it was opened with. From now
    /// on it is sealed with the other one named. Both are fingerprints.
    pub async fn save_keys(
        &self,
        seen: i64,
        change: &RingChange,
        opened_with: &str,
        sealing_with: &str,
        now: Timestamp,
    ) -> Result<RingSaved, StoreError> {
        let keys = change.written.iter().map(KeyRow::try_from).collect::<Result<Vec<_>, _>>()?;
        let mut vars = vars! {
            seen: seen,
            keys: keys,
            forgotten: change.forgotten.iter().map(KeyId::to_string).collect::<Vec<_>>(),
            plans: change.plans.iter().map(PlanRow::from).collect::<Vec<_>>(),
            event: change.event.as_ref().map(EventRow::from),
            opened_with: opened_with.to_owned(),
            sealing_with: sealing_with.to_owned(),
            now: millis(now),
        };
        match &change.along {
            Along::Nothing => {}
            Along::Settings(write, clients) => {
                vars.insert("settings", SettingsWriteRow::from(write));
                vars.insert("judged_with", *clients);
            }
            Along::Client(write, settings) => {
                write.bind(&mut vars)?;
                vars.insert("judged_with", *settings);
            }
        }
        Ok(match self.connection.commit::<CreatedOnce>(SAVE, vars).await?.read()? {
            Creation::Created => RingSaved::Saved,
            Creation::Refused(reason) if reason == "ring_moved" => RingSaved::RingMoved,
            Creation::Refused(reason) if reason == "outdated" => RingSaved::Outdated,
            refused => RingSaved::Refused(refused),
        })
    }

    /// Which master key the ring is sealed with; `None` before the first key.
    pub async fn master_key_fingerprint(&self) -> Result<Option<String>, StoreError> {
        const READ: &str = "SELECT VALUE fingerprint FROM ONLY master_key:current";
        self.connection.call(READ, vars! {}).await
    }
}

impl TryFrom<PlanRow> for AlgorithmPlan {
    type Error = StoreError;

    fn try_from(row: PlanRow) -> Result<Self, StoreError> {
        let unknown = |error| StoreError::Infrastructure(format!("a plan for keys cannot be read: {error}"));
        let algorithm = row.algorithm.parse().map_err(unknown)?;
        Ok(Self { algorithm, added: row.added, rotates_at: row.rotates_at.map(instant) })
    }
}

impl From<&AlgorithmPlan> for PlanRow {
    fn from(plan: &AlgorithmPlan) -> Self {
        Self { algorithm: plan.algorithm.name().to_owned(), added: plan.added, rotates_at: plan.rotates_at.map(millis) }
    }
}

fn unreadable(kid: &str, what: &dyn std::fmt::Display) -> StoreError {
    StoreError::Infrastructure(format!("signing key {kid} cannot be read: {what}"))
}

impl TryFrom<KeyRow> for StoredKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        let kid: KeyId = row.kid.parse().map_err(|error| unreadable(&row.kid, &error))?;
        let algorithm: Algorithm = row.algorithm.parse().map_err(|error| unreadable(&row.kid, &error))?;
        let state: KeyState = serde_json::from_str(&row.state).map_err(|error| unreadable(&row.kid, &error))?;
        let public: PublicKey = serde_json::from_str(&row.public).map_err(|error| unreadable(&row.kid, &error))?;
        let sealed = row.sealed.map(|sealed| serde_json::from_value(sealed.into())).transpose();
        let sealed = sealed.map_err(|error| unreadable(&row.kid, &error))?;
        Ok(Self { record: KeyRecord { kid, algorithm, state }, public, sealed })
    }
}

impl TryFrom<&StoredKey> for KeyRow {
    type Error = StoreError;

    fn try_from(key: &StoredKey) -> Result<Self, StoreError> {
        let kid = key.record.kid.to_string();
        let text = |json: serde_json::Result<String>| json.map_err(|error| unreadable(&kid, &error));
        let sealed = key.sealed.as_ref().map(serde_json::to_value).transpose();
        Ok(Self {
            algorithm: key.record.algorithm.name().to_owned(),
            public: text(serde_json::to_string(&key.public))?,
            sealed: sealed
                .map_err(|error| unreadable(&kid, &error))?
                .and_then(|value| value.as_str().map(str::to_owned)),
            state: text(serde_json::to_string(&key.record.state))?,
            kid,
        })
    }
}
