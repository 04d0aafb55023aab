//! Pages for people: rendered here, working without JavaScript, allowed to load nothing.

pub mod set_password;
pub mod verify_email;

use askama::Template;
use http::{HeaderValue, header};
use salvo::{Response, writing::Text};

/// After following the link of a confirmation mail.
#[derive(Template)]
#[template(path = "pages/email_verified.html")]
pub struct EmailVerified {
    /// Whether the link was good.
    pub confirmed: bool,
}

/// Answers with a page.
pub fn render(res: &mut Response, page: &impl Template) -> anyhow::Result<()> {
    let html = page.render()?;
    res.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        ),
    );
    res.render(Text::Html(html));
    Ok(())
}
