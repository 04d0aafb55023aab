//! Choosing a password, with the link of an invitation. The link's token is the proof; no session is needed or made.

use http::StatusCode;
use salvo::{
    Request, Response, Writer,
    oapi::{endpoint, extract::QueryParam},
};
use serde::Deserialize;

use super::{
    fault::Fault,
    language::Language,
    language_of,
    look::Frame,
    notice::{Complaints, Notice},
    show,
    view::{Form, NewPasswordPage, NewPasswordState},
};
use crate::{
    account::reset::reset,
    app::{App, Shared},
    error::Refusal,
    http::origin,
    model::secret::PlainCode,
};

/// The largest form.
const MAX_FORM: usize = 8 * 1024;

/// Choose a password
///
/// The link of an invitation leads here.
#[endpoint(tags("Account pages"), status_codes(200, 400, 429))]
pub async fn set_password_page(
    app: Shared,
    from: origin::From,
    token: QueryParam<String, false>,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), Fault> {
    app.addresses.admit(from.0.address, app.settings.get().address_requests_per_minute)?;
    let token = token.into_inner().unwrap_or_default();
    let live = match PlainCode::parse(&token) {
        Some(code) => app.store.find_reset_code(&code.hash(), app.now()).await?.is_some(),
        None => false,
    };
    let state = if live { asking(&app, token, None) } else { NewPasswordState::Invalid };
    Ok(answer(&app, language_of(req, None), res, state)?)
}

/// The form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    token: String,
    password: String,
}

/// Set the password that was chosen
#[endpoint(tags("Account pages"), status_codes(200, 400, 422, 429))]
pub async fn set_password(app: Shared, from: origin::From, req: &mut Request, res: &mut Response) -> Result<(), Fault> {
    let malformed = || Refusal::Malformed("send the form of the page".to_owned());
    let language = language_of(req, None);
    let bytes = req.payload_with_max_size(MAX_FORM).await.map_err(|_| malformed())?;
    let Choice { token, password } = serde_urlencoded::from_bytes(bytes).map_err(|_| malformed())?;
    let state = match reset(&app, &token, Some(&password), &from.0).await {
        Ok(_) => NewPasswordState::Done,
        Err(Refusal::WrongCode) => NewPasswordState::Invalid,
        Err(refusal @ Refusal::Invalid(_)) => asking(&app, token, Complaints::of(&refusal).field("new_password")),
        Err(refusal) => return Err(refusal.into()),
    };
    Ok(answer(&app, language, res, state)?)
}

fn asking(app: &App, token: String, notice: Option<Notice>) -> NewPasswordState {
    let form = Form { action: app.public_url.join("/set_password"), token };
    NewPasswordState::Asking { form, least: app.settings.get().min_password_length, notice }
}

fn answer(app: &App, language: Language, res: &mut Response, state: NewPasswordState) -> Result<(), Refusal> {
    let status = match &state {
        NewPasswordState::Asking { notice: None, .. } | NewPasswordState::Done => StatusCode::OK,
        NewPasswordState::Asking { notice: Some(_), .. } => StatusCode::UNPROCESSABLE_ENTITY,
        NewPasswordState::Invalid => StatusCode::BAD_REQUEST,
    };
    show(res, status, &NewPasswordPage { frame: Frame::new(&app.look, language), state, login: None })
}
