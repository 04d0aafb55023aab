//! A client of OpenID Connect, and the browser of its user.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Answer, PASSWORD, Program};

/// Where its users come back to.
pub(crate) const CALLBACK: &str = "https://shop.example/callback";
/// A verifier of PKCE.
pub(crate) const VERIFIER: &str = "a-verifier-that-is-long-enough-for-everybody-0123456789";

/// A registered client.
pub(crate) struct RelyingParty<'a> {
    program: &'a Program,
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// A browser: it keeps cookies, and follows nothing by itself.
pub(crate) struct Browser<'a> {
    program: &'a Program,
    client: reqwest::Client,
}

/// A page, or where it leads.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) html: String,
}

impl Program {
    /// A client that may do what most may, with other metadata in place of the usual.
    pub(crate) async fn relying_party(&self, other: Value) -> RelyingParty<'_> {
        let mut metadata = json!({"client_name": "Shop", "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": ["https://shop.example/bye"],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"]});
        metadata.as_object_mut().expect("an object").extend(other.as_object().cloned().expect("an object"));
        let made = self.admin().await.post("clients", metadata).await;
        assert_eq!(made.status, 201, "{}", made.text);
        self.known_party(&made.json)
    }

    /// A client that is registered already, as its registration was answered.
    pub(crate) fn known_party(&self, client: &Value) -> RelyingParty<'_> {
        let member = |name: &str| client[name].as_str().unwrap_or_default().to_owned();
        RelyingParty { program: self, id: member("client_id"), secret: member("client_secret") }
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        let client = reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none());
        Browser { program: self, client: client.build().expect("a client") }
    }
}

impl RelyingParty<'_> {
    /// The address of an authorization request; an empty value leaves a parameter out.
    pub(crate) fn asks(&self, parameters: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut all = BTreeMap::from([
            ("client_id", self.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid email offline_access"),
            ("state", "a state"),
            ("nonce", "a nonce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        all.extend(parameters.iter().copied());
        let url = reqwest::Url::parse_with_params(
            &self.program.url("/oauth2/authorize"),
            all.into_iter().filter(|(_, value)| !value.is_empty()),
        );
        url.expect("an address").to_string()
    }

    /// A request that the client authenticates with its secret in the header.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.program.client.post(self.program.url(path)).basic_auth(&self.id, Some(&self.secret));
        self.program.send(request.form(form)).await
    }

    pub(crate) async fn redeem(&self, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.post("/oauth2/token", &form).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.post("/oauth2/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub(crate) async fn userinfo(&self, access: &Value) -> Answer {
        let url = self.program.url("/oauth2/userinfo");
        self.program.send(self.program.client.get(url).bearer_auth(access.as_str().expect("a token"))).await
    }
}

impl Browser<'_> {
    pub(crate) async fn get(&self, url: &str) -> Page {
        self.page(self.client.get(url)).await
    }

    pub(crate) async fn post(&self, url: &str, form: &[(&str, &str)]) -> Page {
        self.page(self.client.post(url).form(form)).await
    }

    async fn page(&self, request: reqwest::RequestBuilder) -> Page {
        let answer = self.program.send(request).await;
        let location = answer.headers.get("location").map(|value| value.to_str().expect("text").to_owned());
        Page { status: answer.status, location, html: answer.text }
    }

    /// Sends a page's form, with what it holds hidden.
    pub(crate) async fn submit(&self, address: &str, page: &Page, fields: &[(&str, &str)]) -> Page {
        let token = page.hidden("token");
        let mut form = vec![("token", token.as_str())];
        form.extend(fields);
        self.post(address, &form).await
    }

    /// Through login and consent, as far as they are asked, to where the client gets its answer.
    pub(crate) async fn goes_through(&self, url: &str, email: &str) -> BTreeMap<String, String> {
        let mut address = url.to_owned();
        for _ in 0..10 {
            if !address.starts_with(&self.program.issuer()) {
                return parameters(&address);
            }
            let step = self.get(&address).await;
            let next = match &step.location {
                Some(_) => step,
                None if step.html.contains("name=\"password\"") => {
                    self.submit(&address, &step, &[("login", email), ("password", PASSWORD)]).await
                }
                None => self.submit(&address, &step, &[("decision", "allow"), ("remember", "1")]).await,
            };
            address = next.location.unwrap_or_else(|| panic!("{}: {}", next.status, next.html));
        }
        panic!("it went round and round")
    }
}

impl Page {
    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let pattern = format!("name=\"{name}\" value=\"([^\"]*)\"");
        let found = regex::Regex::new(&pattern).expect("a pattern").captures(&self.html);
        found.unwrap_or_else(|| panic!("no {name} in {}", self.html))[1].to_owned()
    }
}

/// The parameters of an answer, in its query or in its fragment.
pub(crate) fn parameters(address: &str) -> BTreeMap<String, String> {
    let url = reqwest::Url::parse(address).expect("an address");
    let fragment = url.fragment().unwrap_or_default();
    let of_fragment = reqwest::Url::parse(&format!("https://x/?{fragment}")).expect("parameters");
    url.query_pairs()
        .chain(of_fragment.query_pairs())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}
