//! What waits: for its user, or for the browser that will bring its reference.

use jiff::Timestamp;
use surrealdb::types::SurrealValue;

use super::{Store, StoreError, connection::vars, json, time::millis};
use crate::{
    http::form::Params,
    model::{
        authorization::{Interaction, Progress},
        secret::SecretHash,
    },
};

#[derive(SurrealValue)]
struct InteractionRow {
    purpose: String,
    progress: String,
}

#[derive(SurrealValue)]
struct PushedRow {
    parameters: String,
    authenticated: bool,
}

const CREATE: &str = "RETURN {
    CREATE type::record('interaction', $id) SET purpose = $purpose, browser = $browser, progress = $progress,
        expires_at = $expires_at RETURN NONE;
    true
}";

const FIND: &str = "SELECT purpose, progress FROM ONLY type::record('interaction', $id) WHERE browser = $browser AND expires_at > $now";

const ADVANCE: &str = "RETURN {
    UPDATE type::record('interaction', $id) SET progress = $progress WHERE browser = $browser RETURN NONE;
    true
}";

// What was answered is not answered twice.
const FINISH: &str = "RETURN {
    LET $row = (SELECT VALUE id FROM ONLY type::record('interaction', $id) WHERE browser = $browser AND expires_at > $now);
    IF $row IS NONE { false } ELSE { DELETE $row RETURN NONE; true }
}";

const PUSH: &str = "RETURN {
    CREATE type::record('pushed_request', $id) SET client = $client, parameters = $parameters, authenticated = $authenticated, expires_at = $expires_at RETURN NONE;
    true
}";

const TAKE: &str = "RETURN {
    LET $p = (SELECT client, parameters, authenticated FROM ONLY type::record('pushed_request', $id) WHERE expires_at > $now);
    IF $p IS NONE OR $p.client != $client { NONE } ELSE {
        DELETE type::record('pushed_request', $id) RETURN NONE;
        { parameters: $p.parameters, authenticated: $p.authenticated }
    }
}";

impl Store {
    /// Lets a request wait for its user, on the browser that has this secret.
    pub async fn create_interaction(
        &self,
        id: &SecretHash,
        browser: &SecretHash,
        interaction: &Interaction,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let vars = vars! {
            id: id.as_str().to_owned(),
            browser: browser.as_str().to_owned(),
            purpose: json::write(&interaction.purpose)?,
            progress: json::write(&interaction.progress)?,
            expires_at: millis(expires_at),
        };
        self.connection.commit::<bool>(CREATE, vars).await.map(drop)
    }

    /// The request that waits under this id for this browser.
    pub async fn find_interaction(
        &self,
        id: &SecretHash,
        browser: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<Interaction>, StoreError> {
        let vars = vars! { id: id.as_str().to_owned(), browser: browser.as_str().to_owned(), now: millis(now) };
        let row: Option<InteractionRow> = self.connection.call(FIND, vars).await?;
        let read = |row: InteractionRow| {
            Ok(Interaction { purpose: json::parse(&row.purpose)?, progress: json::parse(&row.progress)? })
        };
        row.map(read).transpose()
    }

    /// Notes how far a request has come.
    pub async fn advance_interaction(
        &self,
        id: &SecretHash,
        browser: &SecretHash,
        progress: &Progress,
    ) -> Result<(), StoreError> {
        let vars = vars! {
            id: id.as_str().to_owned(),
            browser: browser.as_str().to_owned(),
            progress: json::write(progress)?,
        };
        self.connection.commit::<bool>(ADVANCE, vars).await.map(drop)
    }

    /// Takes a request out, to answer it; false when that was done before.
    pub async fn finish_interaction(
        &self,
        id: &SecretHash,
        browser: &SecretHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let vars = vars! { id: id.as_str().to_owned(), browser: browser.as_str().to_owned(), now: millis(now) };
        self.connection.commit(FINISH, vars).await
    }

    /// Keeps parameters until the request that refers to them; `authenticated`, if the client itself pushed them.
    pub async fn push_request(
        &self,
        id: &SecretHash,
        client: &str,
        parameters: &Params,
        authenticated: bool,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let vars = vars! {
            id: id.as_str().to_owned(),
            client: client.to_owned(),
            parameters: json::write(parameters)?,
            authenticated: authenticated,
            expires_at: millis(expires_at),
        };
        self.connection.commit::<bool>(PUSH, vars).await.map(drop)
    }

    /// The parameters that wait under this reference for a client, once, and whether the client itself pushed them.
    pub async fn take_pushed_request(
        &self,
        id: &SecretHash,
        client: &str,
        now: Timestamp,
    ) -> Result<Option<(Params, bool)>, StoreError> {
        let vars = vars! { id: id.as_str().to_owned(), client: client.to_owned(), now: millis(now) };
        let found: Option<PushedRow> = self.connection.commit(TAKE, vars).await?;
        found.map(|row| Ok((json::parse(&row.parameters)?, row.authenticated))).transpose()
    }
}
