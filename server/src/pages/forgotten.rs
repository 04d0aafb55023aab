//! Asking for a mail with a link to a new password. The answer is the same whether anybody has the address or not.

use http::StatusCode;
use salvo::{Request, Response, Writer, oapi::endpoint};

use super::{
    fault::Fault,
    language_of,
    look::Frame,
    notice::Complaints,
    show,
    view::{Field, ForgottenPage, ForgottenState, Form},
};
use crate::{
    account::reset,
    app::{App, Shared},
    error::Refusal,
    http::{form::Params, origin},
};

/// Where it is, for whoever wants it in these languages.
pub fn address(app: &App, ui_locales: Option<&str>) -> String {
    let address = app.public_url.join("/forgotten");
    match ui_locales {
        Some(locales) => {
            let query =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("ui_locales", locales).finish();
            format!("{address}?{query}")
        }
        None => address,
    }
}

fn ui_locales(req: &Request) -> Option<String> {
    req.query("ui_locales")
}

/// A forgotten password
///
/// The form that asks for a mail.
#[endpoint(tags("Account pages"))]
pub async fn forgotten_page(app: Shared, req: &mut Request, res: &mut Response) -> Result<(), Fault> {
    let state = asking(&app, req, Field::default());
    Ok(answer(&app, req, res, StatusCode::OK, state)?)
}

/// Ask for the mail
#[endpoint(tags("Account pages"), status_codes(200, 422, 429))]
pub async fn ask_for_mail(app: Shared, from: origin::From, req: &mut Request, res: &mut Response) -> Result<(), Fault> {
    let params = Params::of_body(req).await.map_err(|error| Refusal::Malformed(error.to_string()))?;
    let email = params.get("email").unwrap_or_default();
    match reset::request(&app, email, &from.0).await {
        Ok(()) => Ok(answer(&app, req, res, StatusCode::OK, ForgottenState::Sent)?),
        Err(refusal @ Refusal::Invalid(_)) => {
            let notice = Complaints::of(&refusal).field("email");
            let state = asking(&app, req, Field { value: email.to_owned(), notice });
            Ok(answer(&app, req, res, StatusCode::UNPROCESSABLE_ENTITY, state)?)
        }
        Err(refusal) => Err(refusal.into()),
    }
}

fn asking(app: &App, req: &Request, email: Field) -> ForgottenState {
    // It changes nothing that another site's form could not ask for as well: a mail to whoever has the address.
    let form = Form { action: address(app, ui_locales(req).as_deref()), token: String::new() };
    ForgottenState::Ask { form, email, notice: None }
}

fn answer(
    app: &App,
    req: &Request,
    res: &mut Response,
    status: StatusCode,
    state: ForgottenState,
) -> Result<(), Refusal> {
    let frame = Frame::new(&app.look, language_of(req, ui_locales(req).as_deref()));
    show(res, status, &ForgottenPage { frame, state, login: None })
}
