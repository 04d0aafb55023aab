//! Who calls: an access token in the `Authorization` header (RFC 6750 §2.1) or,
//! at the cookie API, in the cookie. Verified with no look at the database.

use salvo::{
    Depot, Extractible, Request,
    extract::Metadata,
    http::header,
    oapi::{Components, EndpointArgRegister, Operation, SecurityRequirement},
};

use crate::{
    app,
    error::{CookieApiError, Problem, Refusal},
    model::claims::AccessClaims,
    tokens::verify_access_token,
};

/// The cookie that the cookie API sets.
pub const COOKIE: &str = "jwt_token";
/// A name that the original also used for it.
const OTHER_COOKIE: &str = "jwt_cookie";

/// Cookies of one name that are looked at: another application of the host may have set one or two, not hundreds.
const MAX_COOKIES: usize = 4;

/// A verified caller. What a temporary password's token may do has to be decided at each use.
pub struct Caller(AccessClaims);

impl Caller {
    /// The claims of a caller who may do everything with their account.
    pub fn unrestricted(self) -> Result<AccessClaims, Refusal> {
        if self.0.is_unrestricted() {
            return Ok(self.0);
        }
        Err(Refusal::Forbidden {
            code: "password_change_required",
            message: "a login with a temporary password may only set a proper one",
        })
    }

    /// The claims of any caller, those included who may only set a password.
    pub fn even_restricted(self) -> AccessClaims {
        self.0
    }
}

/// The caller of the token API.
pub struct BearerCaller(pub Caller);

/// The caller of the cookie API.
pub struct CookieCaller(pub Caller);

/// The token in the `Authorization` header (RFC 6750 §2.1).
pub fn bearer_token(req: &Request) -> Option<&str> {
    let (scheme, token) = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Every cookie of this name. Read from the bytes: what another application of the host put beside it is not ours to judge.
pub fn cookies<'a>(req: &'a Request, name: &'a str) -> impl Iterator<Item = &'a str> {
    let pairs =
        req.headers().get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(move |pair| {
        let (found, value) = std::str::from_utf8(pair).ok()?.trim().split_once('=')?;
        (found == name && !value.is_empty()).then(|| value.trim_matches('"'))
    })
}

fn verified(token: Option<&str>, depot: &Depot) -> Result<Caller, Refusal> {
    let token = token.ok_or(Refusal::BadToken("an access token is needed here"))?;
    let app = app::of(depot).ok_or_else(|| Refusal::Internal(anyhow::anyhow!("no state")))?;
    verify_access_token(app, token).map(Caller)
}

impl<'ex> Extractible<'ex> for BearerCaller {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("");
        &METADATA
    }

    #[allow(refining_impl_trait)]
    async fn extract(req: &'ex mut Request, depot: &'ex mut Depot) -> Result<Self, Problem> {
        Ok(Self(verified(bearer_token(req), depot)?))
    }
}

impl<'ex> Extractible<'ex> for CookieCaller {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("");
        &METADATA
    }

    #[allow(refining_impl_trait)]
    async fn extract(req: &'ex mut Request, depot: &'ex mut Depot) -> Result<Self, CookieApiError> {
        if let Some(token) = bearer_token(req) {
            return Ok(Self(verified(Some(token), depot)?));
        }
        let mut outcome = verified(None, depot);
        for token in [COOKIE, OTHER_COOKIE].into_iter().flat_map(|name| cookies(req, name)).take(MAX_COOKIES) {
            outcome = verified(Some(token), depot);
            if outcome.is_ok() {
                break;
            }
        }
        Ok(Self(outcome?))
    }
}

impl EndpointArgRegister for BearerCaller {
    fn register(_: &mut Components, operation: &mut Operation, _: &str) {
        demand(operation, "bearer");
    }
}

impl EndpointArgRegister for CookieCaller {
    fn register(_: &mut Components, operation: &mut Operation, _: &str) {
        demand(operation, "cookie");
        demand(operation, "bearer");
    }
}

/// Says in the API document what a caller has to show.
pub(super) fn demand(operation: &mut Operation, scheme: &str) {
    let requirement = SecurityRequirement::new(scheme, Vec::<String>::new());
    operation.securities.get_or_insert_default().push(requirement);
}
