//! What is measured: the floors, which are what the machine and the libraries
//! give, and the scenarios, each of which has a floor to be held against.

use std::net::SocketAddr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::{
    chains::{Chain, Login, Refresh, Register, Renew, Repeat},
    client::Call,
    openid,
    users::{self, Share},
};

/// One thing to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Scenario {
    /// A floor: a server of the same framework with one route and nothing else.
    Hello,
    /// A floor: the same with an ES256 signature for each request.
    Signed,
    /// A floor: ES256 signatures on one thread.
    Signatures,
    /// A floor: password hashes of the default cost on every core.
    Scrypt,
    /// A floor: refresh tokens rotated in the store, with no HTTP before it.
    Rotate,
    /// GET /.well-known/jwks.json
    Jwks,
    /// GET /api/me/
    Me,
    /// POST /api/refresh/, each connection along its own family.
    Refresh,
    /// POST /api/login/, other users on each connection.
    Login,
    /// POST /renew_token, each connection with its own cookie.
    Renew,
    /// POST /api/register/
    Register,
    /// GET /.well-known/openid-configuration
    Discovery,
    /// POST /oauth2/token for the client itself.
    #[serde(rename = "client-credentials")]
    ClientCredentials,
    /// GET /oauth2/authorize and POST /oauth2/token in turn, each connection in a browser session of its own.
    Code,
    /// GET /oauth2/userinfo
    Userinfo,
    /// POST /oauth2/introspect
    Introspect,
}

/// Whom a scenario is driven as.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Users that exist.
    pub users: usize,
    /// Connections at once.
    pub connections: usize,
    /// Sessions that each connection takes turns with, where it needs a session.
    pub sessions: usize,
}

/// What each connection sends.
pub type Chains = anyhow::Result<Vec<Box<dyn Chain>>>;

impl Scenario {
    /// All of them, floors first.
    pub const ALL: [Self; 16] = [
        Self::Hello,
        Self::Signed,
        Self::Signatures,
        Self::Scrypt,
        Self::Rotate,
        Self::Jwks,
        Self::Me,
        Self::Refresh,
        Self::Login,
        Self::Renew,
        Self::Register,
        Self::Discovery,
        Self::ClientCredentials,
        Self::Code,
        Self::Userinfo,
        Self::Introspect,
    ];

    /// What it cannot be quicker than; `None` for a floor.
    pub fn floor(self) -> Option<Self> {
        match self {
            Self::Hello | Self::Signed | Self::Signatures | Self::Scrypt | Self::Rotate => None,
            Self::Jwks | Self::Me | Self::Discovery | Self::Userinfo | Self::Introspect => Some(Self::Hello),
            Self::ClientCredentials => Some(Self::Signed),
            Self::Refresh | Self::Renew | Self::Code => Some(Self::Rotate),
            Self::Login | Self::Register => Some(Self::Scrypt),
        }
    }

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Signed => "signed",
            Self::Signatures => "signatures",
            Self::Scrypt => "scrypt",
            Self::Rotate => "rotate",
            Self::Jwks => "jwks",
            Self::Me => "me",
            Self::Refresh => "refresh",
            Self::Login => "login",
            Self::Renew => "renew",
            Self::Register => "register",
            Self::Discovery => "discovery",
            Self::ClientCredentials => "client-credentials",
            Self::Code => "code",
            Self::Userinfo => "userinfo",
            Self::Introspect => "introspect",
        }
    }

    /// What each connection sends; the logins that this takes are done here.
    pub fn chains(self, target: SocketAddr, sample: &Sample) -> Chains {
        match self {
            Self::Hello => repeat(&Call::get(target, "/")?, sample),
            Self::Signed => repeat(&Call::get(target, "/signed")?, sample),
            Self::Discovery => repeat(&Call::get(target, "/.well-known/openid-configuration")?, sample),
            Self::ClientCredentials => openid::client_credentials(target, sample),
            Self::Code => openid::codes(target, sample),
            Self::Userinfo => openid::userinfo(target, sample),
            Self::Introspect => openid::introspect(target, sample),
            Self::Jwks => repeat(&Call::get(target, "/.well-known/jwks.json")?, sample),
            Self::Me => me(target, sample),
            Self::Refresh => refresh(target, sample),
            Self::Login => login(target, sample),
            Self::Renew => renew(target, sample),
            Self::Register => register(target, sample),
            Self::Signatures | Self::Scrypt | Self::Rotate => anyhow::bail!("{} takes no requests", self.name()),
        }
    }
}

impl Sample {
    /// For each connection, random users of its share to log in.
    pub fn each(&self) -> anyhow::Result<Vec<Vec<usize>>> {
        let shares = Share::deal(self.users, self.connections)?;
        Ok(shares.iter().map(|share| (0..self.sessions).map(|_| share.pick()).collect()).collect())
    }
}

fn repeat(call: &Call, sample: &Sample) -> Chains {
    let chain = || Box::new(Repeat { calls: vec![call.clone()], next: 0 }) as Box<dyn Chain>;
    Ok((0..sample.connections).map(|_| chain()).collect())
}

fn me(target: SocketAddr, sample: &Sample) -> Chains {
    let call = Call::get(target, "/api/me/")?;
    let chain = |users: Vec<usize>| {
        let tokens = users::tokens(target, &users)?;
        let calls = tokens.iter().map(|tokens| call.clone().authorized(&tokens.access_token));
        Ok(Box::new(Repeat { calls: calls.collect::<anyhow::Result<_>>()?, next: 0 }) as Box<dyn Chain>)
    };
    sample.each()?.into_iter().map(chain).collect()
}

fn refresh(target: SocketAddr, sample: &Sample) -> Chains {
    let call = Call::post(target, "/api/refresh/")?;
    let chain = |users: Vec<usize>| {
        let tokens = users::tokens(target, &users)?.into_iter().map(|tokens| tokens.refresh_token).collect();
        Ok(Box::new(Refresh { call: call.clone(), tokens, next: 0 }) as Box<dyn Chain>)
    };
    sample.each()?.into_iter().map(chain).collect()
}

fn login(target: SocketAddr, sample: &Sample) -> Chains {
    let call = Call::post(target, "/api/login/")?;
    let shares = Share::deal(sample.users, sample.connections)?;
    Ok(shares.into_iter().map(|share| Box::new(Login { call: call.clone(), share }) as Box<dyn Chain>).collect())
}

fn renew(target: SocketAddr, sample: &Sample) -> Chains {
    let firsts: Vec<usize> = Share::deal(sample.users, sample.connections)?.iter().map(Share::pick).collect();
    let chain = |cookie| {
        let mut call = Call::post(target, "/renew_token")?;
        call.set_cookie(cookie);
        Ok(Box::new(Renew { call }) as Box<dyn Chain>)
    };
    users::cookies(target, &firsts)?.into_iter().map(chain).collect()
}

fn register(target: SocketAddr, sample: &Sample) -> Chains {
    let call = Call::post(target, "/api/register/")?;
    let chain = |connection| Box::new(Register { call: call.clone(), connection, count: 0 }) as Box<dyn Chain>;
    Ok((0..sample.connections).map(chain).collect())
}
