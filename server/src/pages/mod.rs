//! Pages for people: rendered here, working without JavaScript, allowed to load nothing but what they name.
//!
//! A page is data ([`view`]) with a template of the same name; [`look`] is how it looks, [`texts`] what it says.

pub mod account;
pub mod device;
pub mod fault;
pub mod forgotten;
pub mod language;
pub mod look;
pub mod notice;
pub mod policy;
pub mod set_password;
pub mod texts;
pub mod verify_email;
pub mod view;

#[cfg(test)]
mod tests;

use http::{HeaderValue, StatusCode, header};
use salvo::{Response, writing::Text};

use crate::error::Refusal;
use language::Language;
use look::Frame;
use policy::{Needs, policy};

/// A page, ready to be shown.
pub trait Page: askama::Template {
    /// Its look and language.
    fn frame(&self) -> &Frame<'_>;

    /// What it loads or runs.
    fn needs(&self) -> Needs {
        Needs::default()
    }
}

/// The policy of a page, with the logo that all have.
pub fn policy_of(page: &impl Page) -> String {
    let mut needs = page.needs();
    needs.images.extend(page.frame().look.image_source());
    policy(&page.frame().look.style_source, &needs)
}

/// Answers with a page. Forms are sent from here to here, so their `Origin` may be seen.
pub fn show(res: &mut Response, status: StatusCode, page: &impl Page) -> Result<(), Refusal> {
    let html = page.render().map_err(anyhow::Error::from)?;
    let policy = HeaderValue::try_from(policy_of(page)).map_err(anyhow::Error::from)?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(page.frame().language.tag())),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ];
    for (name, value) in headers {
        res.headers_mut().insert(name, value);
    }
    res.status_code(status);
    res.render(Text::Html(html));
    Ok(())
}

/// The language of whoever sends this request, by their browser alone or by `ui_locales` as well.
pub fn language_of(req: &salvo::Request, ui_locales: Option<&str>) -> Language {
    let accepted = req.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::choose(ui_locales, accepted)
}
