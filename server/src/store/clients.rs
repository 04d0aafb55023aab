//! Clients as rows. Changes are written along with the key ring where they concern it (`keys`), and alone where not.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use surrealdb::types::{SurrealValue, Variables};

use super::{
    Store, StoreError,
    api_keys::Removed,
    audit::EventRow,
    connection::vars,
    creation::{CreatedOnce, Creation},
    statements::{create_once, record_event, where_all, write_client},
    time::{instant, millis},
};
use crate::model::{
    audit::Event,
    client::{Client, ClientSecret, Clients},
    idempotency::Idempotency,
    secret::SecretHash,
};

/// A client that is new or changed.
#[derive(Clone, Debug)]
pub struct ClientWrite {
    /// As it shall be.
    pub client: Client,
    /// The revision it was changed from; `None` for one that is new.
    pub seen: Option<i64>,
    /// What makes two such requests one.
    pub idempotency: Idempotency,
    /// What a repetition is told.
    pub answer: String,
}

impl ClientWrite {
    /// The parameters of `write_client!`.
    pub(super) fn bind(&self, vars: &mut Variables) -> Result<(), StoreError> {
        vars.insert("client", ClientWriteRow::try_from(self)?);
        self.idempotency.bind(&self.answer, vars);
        Ok(())
    }
}

/// Every client, at one revision.
pub type ClientsAt = (i64, Clients);

/// Which clients.
#[derive(Clone, Debug, Default)]
pub struct ClientQuery {
    /// Names that begin so, in lower case.
    pub name: Option<String>,
    /// Behind this place: when registered, in milliseconds, and id.
    pub after: Option<(i64, String)>,
    /// Most rows.
    pub limit: i64,
}

#[derive(SurrealValue)]
struct ClientWriteRow {
    id: String,
    seen: Option<i64>,
    name_key: String,
    metadata: String,
    secrets: String,
    registration_token: Option<String>,
    created_at: i64,
    revision: i64,
}

impl TryFrom<&ClientWrite> for ClientWriteRow {
    type Error = StoreError;

    fn try_from(write: &ClientWrite) -> Result<Self, StoreError> {
        let client = &write.client;
        let secrets: Vec<_> = client.secrets.iter().map(SecretRow::from).collect();
        let json = |text: serde_json::Result<String>| text.map_err(|error| unreadable(&client.id, &error));
        Ok(Self {
            id: client.id.clone(),
            seen: write.seen,
            name_key: client.metadata.client_name.as_deref().unwrap_or_default().to_lowercase(),
            metadata: json(serde_json::to_string(&client.metadata))?,
            secrets: json(serde_json::to_string(&secrets))?,
            registration_token: client.registration_token.as_ref().map(|hash| hash.as_str().to_owned()),
            created_at: millis(client.created_at),
            revision: client.revision,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct SecretRow {
    hash: String,
    created_at: i64,
    expires_at: Option<i64>,
}

impl From<&ClientSecret> for SecretRow {
    fn from(secret: &ClientSecret) -> Self {
        Self {
            hash: secret.hash.as_str().to_owned(),
            created_at: millis(secret.created_at),
            expires_at: secret.expires_at.map(millis),
        }
    }
}

impl From<SecretRow> for ClientSecret {
    fn from(row: SecretRow) -> Self {
        Self {
            hash: SecretHash::stored(row.hash),
            created_at: instant(row.created_at),
            expires_at: row.expires_at.map(instant),
        }
    }
}

#[derive(SurrealValue)]
struct ClientRow {
    key: String,
    metadata: String,
    secrets: String,
    registration_token: Option<String>,
    created_at: i64,
    updated_at: i64,
    revision: i64,
}

const FIELDS: &str =
    "id, record::id(id) AS key, metadata, secrets, registration_token, created_at, updated_at, revision";

impl TryFrom<ClientRow> for Client {
    type Error = StoreError;

    fn try_from(row: ClientRow) -> Result<Self, StoreError> {
        let secrets: Vec<SecretRow> =
            serde_json::from_str(&row.secrets).map_err(|error| unreadable(&row.key, &error))?;
        Ok(Self {
            metadata: serde_json::from_str(&row.metadata).map_err(|error| unreadable(&row.key, &error))?,
            secrets: secrets.into_iter().map(ClientSecret::from).collect(),
            registration_token: row.registration_token.map(SecretHash::stored),
            created_at: instant(row.created_at),
            updated_at: instant(row.updated_at),
            revision: row.revision,
            id: row.key,
        })
    }
}

fn unreadable(id: &str, error: &serde_json::Error) -> StoreError {
    StoreError::Infrastructure(format!("client {id} cannot be read or written: {error}"))
}

#[derive(SurrealValue)]
struct ClientsRow {
    revision: i64,
    clients: Vec<ClientRow>,
}

const LOAD: &str = "RETURN {
    revision: (SELECT VALUE number FROM ONLY revision:clients) ?? 0,
    clients: (SELECT record::id(id) AS key, metadata, secrets, registration_token, created_at, updated_at, revision FROM client)
}";

const WRITE: &str = concat!("RETURN {", write_client!(), "}");

const DELETE: &str = concat!(
    "RETURN {
        LET $there = (SELECT VALUE revision FROM ONLY type::record('client', $id));
        IF $there IS NONE { 'missing' }
        ELSE IF $seen IS NOT NONE AND $seen != $there { 'stale' }
        ELSE {
            DELETE type::record('client', $id) RETURN NONE;
            LET $rows = (SELECT VALUE id FROM consent WHERE client = $id); DELETE $rows RETURN NONE;
            UPSERT revision:clients SET number = (number ?? 0) + 1 RETURN NONE;",
    record_event!(),
    "       'done'
        }
    }"
);

impl Store {
    /// Reads every client.
    pub async fn load_clients(&self) -> Result<ClientsAt, StoreError> {
        let row: ClientsRow = self.connection.call(LOAD, vars! {}).await?;
        let clients = row.clients.into_iter().map(Client::try_from).collect::<Result<_, _>>()?;
        Ok((row.revision, clients))
    }

    /// The client with this id.
    pub async fn find_client(&self, id: &str) -> Result<Option<Client>, StoreError> {
        let text = format!("SELECT {FIELDS} FROM ONLY type::record('client', $id)");
        let row: Option<ClientRow> = self.connection.select(text, vars! { id: id.to_owned() }).await?;
        row.map(Client::try_from).transpose()
    }

    /// A page of clients, the latest first.
    pub async fn list_clients(&self, query: &ClientQuery) -> Result<Vec<Client>, StoreError> {
        let mut vars = vars! { limit: query.limit };
        let mut conditions = Vec::new();
        if let Some(name) = &query.name {
            vars.insert("name", name.clone());
            vars.insert("name_end", format!("{name}\u{10ffff}"));
            conditions.push("name_key >= $name AND name_key < $name_end");
        }
        if let Some((at, id)) = &query.after {
            vars.insert("at", *at);
            vars.insert("id", id.clone());
            conditions.push("created_at <= $at AND (created_at < $at OR record::id(id) < $id)");
        }
        let index = if query.name.is_some() { "client_name_key" } else { "client_created_at" };
        let conditions = where_all(&conditions);
        let text = format!(
            "SELECT {FIELDS} FROM client WITH INDEX {index} {conditions} ORDER BY created_at DESC, id DESC LIMIT $limit"
        );
        let rows: Vec<ClientRow> = self.connection.select(text, vars).await?;
        rows.into_iter().map(Client::try_from).collect()
    }

    /// Writes a client whose change does not concern the keys.
    pub async fn write_client(
        &self,
        write: &ClientWrite,
        event: &Event,
        now: Timestamp,
    ) -> Result<Creation, StoreError> {
        let mut vars = vars! { event: Some(EventRow::from(event)), now: millis(now) };
        write.bind(&mut vars)?;
        self.connection.commit::<CreatedOnce>(WRITE, vars).await?.read()
    }

    /// Removes a client: nothing that it shows serves from now on.
    pub async fn delete_client(
        &self,
        id: &str,
        seen: Option<i64>,
        event: &Event,
        now: Timestamp,
    ) -> Result<Removed, StoreError> {
        let vars = vars! { id: id.to_owned(), seen: seen, event: Some(EventRow::from(event)), now: millis(now) };
        self.connection.commit(DELETE, vars).await
    }
}
