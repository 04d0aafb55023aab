//! Choosing a password, with the link of an invitation. The link's token is the proof; no session is needed or made.

use askama::Template;
use salvo::{
    Request, Response, Writer,
    oapi::{endpoint, extract::QueryParam},
};
use serde::Deserialize;

use super::render;
use crate::{
    account::reset::reset,
    app::{App, Shared},
    error::{Problem, Refusal},
    http::origin,
    model::secret::PlainCode,
};

/// The largest form.
const MAX_FORM: usize = 8 * 1024;

/// What the page shows.
enum State {
    /// The form, with what was wrong with the last try.
    Asking {
        /// The link's token.
        token: String,
        /// What was wrong.
        problem: Option<String>,
    },
    /// Thanks.
    Done,
    /// Nothing to do with this link.
    Invalid,
}

#[derive(Template)]
#[template(path = "pages/set_password.html")]
struct SetPassword {
    action: String,
    state: State,
}

/// Choose a password
///
/// The link of an invitation leads here.
#[endpoint(tags("Account pages"), status_codes(200, 400, 429))]
pub async fn set_password_page(
    app: Shared,
    from: origin::From,
    token: QueryParam<String, false>,
    res: &mut Response,
) -> Result<(), Problem> {
    app.addresses.admit(from.0.address, app.settings.get().address_requests_per_minute)?;
    let token = token.into_inner().unwrap_or_default();
    let live = match PlainCode::parse(&token) {
        Some(code) => app.store.find_reset_code(&code.hash(), app.now()).await?.is_some(),
        None => false,
    };
    show(&app, res, if live { State::Asking { token, problem: None } } else { State::Invalid })
}

/// The form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    token: String,
    password: String,
}

/// Set the password that was chosen
#[endpoint(tags("Account pages"), status_codes(200, 400, 422, 429))]
pub async fn set_password(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), Problem> {
    let malformed = || Refusal::Malformed("send the form of the page".to_owned());
    let bytes = req.payload_with_max_size(MAX_FORM).await.map_err(|_| malformed())?;
    let Form { token, password } = serde_urlencoded::from_bytes(bytes).map_err(|_| malformed())?;
    match reset(&app, &token, Some(&password), &from.0).await {
        Ok(_) => show(&app, res, State::Done),
        Err(Refusal::WrongCode) => show(&app, res, State::Invalid),
        Err(Refusal::Invalid(fields)) => {
            let problem = fields.into_iter().next().map(|field| field.message);
            show(&app, res, State::Asking { token, problem })
        }
        Err(refusal) => Err(refusal.into()),
    }
}

fn show(app: &App, res: &mut Response, state: State) -> Result<(), Problem> {
    let status = match &state {
        State::Asking { problem: None, .. } | State::Done => salvo::http::StatusCode::OK,
        State::Asking { problem: Some(_), .. } => salvo::http::StatusCode::UNPROCESSABLE_ENTITY,
        State::Invalid => salvo::http::StatusCode::BAD_REQUEST,
    };
    render(res, &SetPassword { action: app.public_url.join("/set_password"), state }).map_err(Refusal::from)?;
    res.status_code(status);
    Ok(())
}
