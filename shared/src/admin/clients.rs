//! Clients as an operator registers and changes them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    duration::seconds_or_text,
    oauth::{ApplicationType, ClientAuthMethod, GrantType, ResponseType, SubjectType},
};

/// What is known of a client, by the names of RFC 7591 §2, OpenID Connect Dynamic Client Registration §2 and RFC 9126 §6; a
/// member that is absent or `null` has its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
#[serde(default)]
pub struct ClientMetadata {
    /// Its name, as people see it.
    pub client_name: Option<String>,
    /// Its home page.
    pub client_uri: Option<String>,
    /// Its logo.
    pub logo_uri: Option<String>,
    /// How it treats what it learns of people.
    pub policy_uri: Option<String>,
    /// Its terms.
    pub tos_uri: Option<String>,
    /// Email addresses of those responsible.
    pub contacts: Vec<String>,
    /// `web`, unless told, or `native`.
    pub application_type: ApplicationType,
    /// Where users may be sent back to; compared as a whole, character by character.
    pub redirect_uris: Vec<String>,
    /// Where they may be sent after a logout.
    pub post_logout_redirect_uris: Vec<String>,
    /// How it gets tokens; `authorization_code` unless told.
    pub grant_types: Vec<GrantType>,
    /// What it may ask the authorization endpoint for; `code` unless told.
    pub response_types: Vec<ResponseType>,
    /// How it proves who it is; `client_secret_basic` unless told.
    pub token_endpoint_auth_method: ClientAuthMethod,
    /// The scopes it may ask for, with spaces between; absent for all that are open to every client.
    pub scope: Option<String>,
    /// Its public keys, as a JWK set (RFC 7517 §5).
    #[cfg_attr(feature = "schema", salvo(schema(value_type = Option<Object>)))]
    pub jwks: Option<Value>,
    /// Where its public keys are published.
    pub jwks_uri: Option<String>,
    /// `public`, unless told, or `pairwise`.
    pub subject_type: SubjectType,
    /// Where the redirect URIs of a sector are listed, for pairwise subjects.
    pub sector_identifier_uri: Option<String>,
    /// What its ID tokens are signed with; absent for the default algorithm.
    pub id_token_signed_response_alg: Option<String>,
    /// What its UserInfo answers are signed with; absent for plain JSON.
    pub userinfo_signed_response_alg: Option<String>,
    /// How many seconds old a login may be unless the client says.
    pub default_max_age: Option<i64>,
    /// Whether its ID tokens always say when the login was.
    pub require_auth_time: bool,
    /// Where its request objects may be fetched.
    pub request_uris: Vec<String>,
    /// Whether it must push its authorization requests.
    pub require_pushed_authorization_requests: bool,
    /// Where a login can be started by others.
    pub initiate_login_uri: Option<String>,
    /// Where it is told of logouts, by the server.
    pub backchannel_logout_uri: Option<String>,
    /// Whether it then needs to know the session.
    pub backchannel_logout_session_required: bool,
    /// Where it is told of logouts, in the browser.
    pub frontchannel_logout_uri: Option<String>,
    /// Whether it then needs to know the session.
    pub frontchannel_logout_session_required: bool,
    /// Lifetimes of its own; only operators set them.
    pub lifetimes: ClientLifetimes,
}

impl Default for ClientMetadata {
    fn default() -> Self {
        Self {
            client_name: None,
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            contacts: Vec::new(),
            application_type: ApplicationType::Web,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            grant_types: vec![GrantType::AuthorizationCode],
            response_types: vec![ResponseType::Code],
            token_endpoint_auth_method: ClientAuthMethod::ClientSecretBasic,
            scope: None,
            jwks: None,
            jwks_uri: None,
            subject_type: SubjectType::Public,
            sector_identifier_uri: None,
            id_token_signed_response_alg: None,
            userinfo_signed_response_alg: None,
            default_max_age: None,
            require_auth_time: false,
            request_uris: Vec::new(),
            require_pushed_authorization_requests: false,
            initiate_login_uri: None,
            backchannel_logout_uri: None,
            backchannel_logout_session_required: false,
            frontchannel_logout_uri: None,
            frontchannel_logout_session_required: false,
            lifetimes: ClientLifetimes::default(),
        }
    }
}

/// Lifetimes of one client in seconds, in place of the settings of the same names; absent for what the setting says. They may
/// also be written like `15m`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ClientLifetimes {
    /// Of its access tokens.
    #[serde(deserialize_with = "seconds_or_text")]
    pub access_token_lifetime: Option<i64>,
    /// Of its ID tokens.
    #[serde(deserialize_with = "seconds_or_text")]
    pub id_token_lifetime: Option<i64>,
    /// Of its refresh tokens.
    #[serde(deserialize_with = "seconds_or_text")]
    pub refresh_token_lifetime: Option<i64>,
    /// How long its refresh tokens may lie unused.
    #[serde(deserialize_with = "seconds_or_text")]
    pub refresh_token_idle_lifetime: Option<i64>,
    /// Of its authorization codes.
    #[serde(deserialize_with = "seconds_or_text")]
    pub authorization_code_lifetime: Option<i64>,
}

/// One client.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct ClientView {
    /// A UUID.
    pub client_id: String,
    /// When it was registered, in seconds since 1970 (RFC 7591 §3.2.1).
    pub client_id_issued_at: i64,
    /// The secret itself, once: in the answer that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// The secrets that serve, the latest first.
    pub secrets: Vec<SecretView>,
    /// What is known of it.
    #[serde(flatten)]
    pub metadata: ClientMetadata,
    /// When it was registered, RFC 3339.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

/// A client's secret, but for the secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct SecretView {
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// Until when it serves; `null` for ever.
    pub expires_at: Option<String>,
}

/// How a client's secret is replaced.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct RotateSecretRequest {
    /// How long the secret of before still serves, in seconds or like `1h`; a day unless told, 0 for not at all.
    #[serde(default, deserialize_with = "seconds_or_text")]
    pub overlap: Option<i64>,
}
