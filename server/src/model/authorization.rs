//! Authorization requests, from what a client asks to what its user granted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signet_shared::{
    GrantId, ScopeSet, SessionId, UserId,
    oauth::{Prompt, ResponseMode, ResponseType},
};

/// An authorization request that was validated: its client is known, and its redirect URI is the client's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Whether it was named, and so has to be named again with the code (RFC 6749 §4.1.3).
    pub redirect_uri_given: bool,
    /// What is asked for.
    pub response_type: ResponseType,
    /// How it travels.
    pub response_mode: ResponseMode,
    /// For what.
    pub scope: ScopeSet,
    /// What the user has to agree to: that, and the scopes that stand for claims which are asked for by name.
    pub agreement: ScopeSet,
    /// Handed back as it is.
    pub state: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// The S256 challenge (RFC 7636 §4.2).
    pub code_challenge: Option<String>,
    /// What the user is to be asked.
    pub prompt: Vec<Prompt>,
    /// How long ago they may have logged in, in seconds.
    pub max_age: Option<i64>,
    /// Whom the client expects, for the login page.
    pub login_hint: Option<String>,
    /// Whom it expects, by the subject of an ID token of before.
    pub expected_subject: Option<String>,
    /// The authentication context that is told.
    pub acr: Option<String>,
    /// The user's languages, the dearest first.
    pub ui_locales: Option<String>,
    /// Claims that are asked for by name.
    pub claims: ClaimsRequest,
    /// What access tokens are for (RFC 8707).
    pub resources: Vec<String>,
}

impl AuthorizationRequest {
    /// Whether it is one of OpenID Connect.
    pub fn is_openid(&self) -> bool {
        self.scope.contains(signet_shared::Scope::OPENID)
    }
}

/// Claims that are asked for by name (OpenID Connect Core §5.5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsRequest {
    /// At the UserInfo endpoint.
    pub userinfo: BTreeMap<String, Option<ClaimWish>>,
    /// In the ID token.
    pub id_token: BTreeMap<String, Option<ClaimWish>>,
}

/// How a claim is wished for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimWish {
    /// Whether the client cannot do without it.
    pub essential: bool,
    /// The value that it expects.
    pub value: Option<Value>,
    /// Values, the dearest first.
    pub values: Option<Vec<Value>>,
}

/// How far what waits has come with its user. Another tab may log somebody else in meanwhile: what one did counts for nobody
/// else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The session in which they logged in for it.
    pub logged_in: Option<SessionId>,
    /// The session that they chose for it.
    pub selected: Option<SessionId>,
    /// Who agreed to it.
    pub consented: Option<UserId>,
}

/// What a grant holds besides its scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrantDetails {
    /// The session in which it was given, which its tokens name.
    pub sid: SessionId,
    /// When the user logged in, in seconds since the epoch.
    pub auth_time: i64,
    /// Of the request.
    pub nonce: Option<String>,
    /// The authentication context that is told.
    pub acr: Option<String>,
    /// Claims that were asked for by name.
    pub claims: ClaimsRequest,
    /// What access tokens are for.
    pub resources: Vec<String>,
}

/// What a client may do for a user.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Of which client.
    pub client: String,
    /// What for.
    pub scope: ScopeSet,
    /// The rest.
    pub details: GrantDetails,
}

/// A user, as claims are made of them.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Whether it is confirmed.
    pub email_verified: bool,
    /// The display name; may be empty.
    pub username: String,
    /// What they are to the operator.
    pub roles: Vec<String>,
    /// Claims of OpenID Connect Core §5.1, by name.
    pub profile: Map<String, Value>,
    /// What else the operator knows.
    pub attributes: Map<String, Value>,
    /// When any of it changed.
    pub updated_at: Timestamp,
}

/// A login on a browser.
#[derive(Clone, Debug)]
pub struct BrowserSession {
    /// The session.
    pub id: SessionId,
    /// Whose.
    pub person: Person,
    /// When they last showed a password.
    pub authenticated_at: Timestamp,
    /// Whether only a password may be set.
    pub restricted: bool,
    /// What they agreed to for the client that is asked about; `None` if they never were asked.
    pub consented: Option<ScopeSet>,
}

/// What a user agreed to.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Which client may have it.
    pub client: String,
    /// For what.
    pub scope: ScopeSet,
    /// Since when.
    pub given_at: Timestamp,
}

/// What somebody has to log in for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To answer a client.
    Authorize(Box<AuthorizationRequest>),
    /// To see a page of ours.
    Visit {
        /// Which.
        to: Destination,
        /// Whether a login of before does not do.
        anew: bool,
    },
}

/// A page of ours that is for people who are logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Their account.
    Account,
    /// Where they connect a device, with the code that it shows, as far as they typed it.
    Device(Option<String>),
}

impl Destination {
    /// Its path, and query.
    pub fn path(&self) -> String {
        match self {
            Self::Account => "/account".to_owned(),
            Self::Device(None) => "/device".to_owned(),
            Self::Device(Some(code)) => {
                let query =
                    url::form_urlencoded::Serializer::new(String::new()).append_pair("user_code", code).finish();
                format!("/device?{query}")
            }
        }
    }
}

/// What waits for its user.
#[derive(Clone, Debug)]
pub struct Interaction {
    /// What for.
    pub purpose: Purpose,
    /// How far it has come.
    pub progress: Progress,
}

/// A grant about to be made, with the code that stands for it.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// The grant.
    pub grant: Grant,
    /// Who gives it.
    pub user: UserId,
    /// Whether it outlives the session.
    pub offline: bool,
    /// When it ends unless tokens are fetched.
    pub expires_at: Timestamp,
    /// The code, where there is one.
    pub code: Option<NewCode>,
}

/// A code about to be handed out.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// Its hash.
    pub hash: super::secret::SecretHash,
    /// The redirect URI that has to come with it, where one has to.
    pub redirect_uri: Option<String>,
    /// The S256 challenge that has to be met, where there is one.
    pub challenge: Option<String>,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Until when it is remembered.
    pub remembered_until: Timestamp,
}

/// A code that is shown.
#[derive(Clone, Debug)]
pub struct Redemption {
    /// Its hash.
    pub code: super::secret::SecretHash,
    /// Who shows it.
    pub client: String,
    /// The redirect URI that comes with it.
    pub redirect_uri: Option<String>,
    /// The S256 of the verifier that comes with it.
    pub challenge: Option<String>,
    /// The first refresh token of the grant, where the client gets one, and its end.
    pub refresh: Option<(super::secret::SecretHash, Timestamp)>,
    /// When the grant ends where it gets none: with its access tokens.
    pub expires_at: Timestamp,
}

/// What became of a code, or of a refresh token: who it speaks for.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// The grant.
    pub grant: Grant,
    /// The user.
    pub person: Person,
}
