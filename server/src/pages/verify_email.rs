//! Proving that an address is one's own.

use http::StatusCode;
use salvo::{
    Request, Response, Writer,
    oapi::{endpoint, extract::QueryParam},
};

use super::{fault::Fault, language_of, look::Frame, show, view::AddressPage};
use crate::{app::Shared, http::origin, model::secret::PlainCode};

/// Confirm an email address
///
/// The link in the mail leads here. Answers with a page for the person who followed it.
#[endpoint(tags("Account pages"), status_codes(200, 400, 429))]
pub async fn verify_email(
    app: Shared,
    from: origin::From,
    token: QueryParam<String, false>,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), Fault> {
    app.addresses.admit(from.0.address, app.settings.get().address_requests_per_minute)?;
    let code = token.into_inner().as_deref().and_then(PlainCode::parse);
    let confirmed = match code {
        Some(code) => app.store.confirm_email(&code.hash(), &from.0, app.now()).await?,
        None => false,
    };
    let status = if confirmed { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    Ok(show(res, status, &AddressPage { frame: Frame::new(&app.look, language_of(req, None)), confirmed })?)
}
