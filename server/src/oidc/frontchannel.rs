//! Telling clients, within the browser, that a session ended (OpenID Connect Front-Channel Logout): a frame for each.

use url::Url;

use crate::{app::App, pages::view::WebUrl};

/// The addresses of those among these clients that want to be told this way, with the issuer and the session (§2).
pub fn frames(app: &App, clients: &[String], session: &str) -> Vec<WebUrl> {
    let known = app.clients.get();
    let address = |id: &String| {
        let uri = known.find(id)?.metadata.frontchannel_logout_uri.as_deref()?;
        let mut url = Url::parse(uri).ok()?;
        url.query_pairs_mut().append_pair("iss", app.public_url.as_str()).append_pair("sid", session);
        WebUrl::parse(url.as_str())
    };
    clients.iter().filter_map(address).collect()
}
