//! An issuer that is not where the server listens: below a path, with a proxy that takes it away, or on https.

use std::sync::{Arc, OnceLock};

use salvo::{
    Depot, FlowCtrl, Listener, Request, Response, Router, Server, async_trait, conn::TcpListener, http::StatusCode,
};
use serde_json::{Value, json};

use crate::{
    harness::{ADMIN, Answer, CALLBACK, PASSWORD, Page, Program, ProgramBuilder, RelyingParty, VERIFIER, parameters},
    openid::{ANN, id_claims},
};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What a message says of one connection, and no proxy passes on.
const OF_A_CONNECTION: [&str; 4] = ["host", "connection", "content-length", "transfer-encoding"];

/// Takes the prefix away, and passes everything else on as it is.
struct Proxy {
    target: Arc<OnceLock<String>>,
    client: reqwest::Client,
}

#[async_trait]
impl salvo::Handler for Proxy {
    async fn handle(&self, req: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        let asked = req.uri().path_and_query().unwrap().as_str().to_owned();
        let Some(inner) = asked.strip_prefix("/auth").filter(|inner| inner.starts_with('/')) else {
            res.status_code(StatusCode::BAD_GATEWAY);
            return;
        };
        let url = format!("{}{inner}", self.target.get().unwrap());
        let (method, mut headers) = (req.method().clone(), req.headers().clone());
        let body = req.payload_with_max_size(1 << 20).await.unwrap().clone();
        OF_A_CONNECTION.iter().for_each(|name| drop(headers.remove(*name)));
        let answer = self.client.request(method, url).headers(headers).body(body).send().await.unwrap();
        res.status_code(answer.status());
        let mut headers = answer.headers().clone();
        OF_A_CONNECTION.iter().for_each(|name| drop(headers.remove(*name)));
        res.headers_mut().extend(headers);
        res.body(answer.bytes().await.unwrap());
    }
}

/// A server that is reached below `/auth` of another address.
async fn below_a_path() -> Program {
    let target = Arc::new(OnceLock::new());
    let acceptor = TcpListener::new("127.0.0.1:0").bind().await;
    let issuer = format!("http://{}/auth", acceptor.inner().local_addr().unwrap());
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let proxy = Proxy { target: Arc::clone(&target), client };
    tokio::spawn(Server::new(acceptor).serve(Router::with_path("{**any}").goal(proxy)));
    let builder = ProgramBuilder::new().in_memory().with_admin().setting("client_registration", "open");
    let builder = builder.env("SIGNET__SERVER__TRUSTED_PROXIES", "127.0.0.0/8");
    let program = builder.env("SIGNET__SERVER__PUBLIC_URL", &issuer).start().await;
    target.set(program.url("")).unwrap();
    program.register(ANN).await;
    program
}

impl Program {
    /// What is there for whoever comes through the proxy.
    async fn through(&self, path: &str) -> Answer {
        self.send(self.client.get(format!("{}{path}", self.issuer()))).await
    }
}

/// Whatever a page leads to is below the issuer.
fn assert_within(issuer: &str, html: &str) {
    let pattern = regex::Regex::new("(?:action|href|src)=\"([^\"]*)\"").unwrap();
    let addresses: Vec<_> = pattern.captures_iter(html).map(|found| found[1].to_owned()).collect();
    assert!(!addresses.is_empty(), "{html}");
    for address in addresses {
        assert!(address.starts_with(&format!("{issuer}/")), "{address} in {html}");
    }
}

async fn post(program: &Program, client: &RelyingParty<'_>, url: &Value, form: &[(&str, &str)]) -> Value {
    let request = program.client.post(url.as_str().unwrap()).basic_auth(&client.id, Some(&client.secret));
    program.send(request.form(form)).await.json
}

#[tokio::test]
async fn below_a_path_every_address_in_discovery_is_one_that_is_there() {
    let program = below_a_path().await;
    let issuer = program.issuer();
    let told = program.through("/.well-known/openid-configuration").await.json;
    assert_eq!(told["issuer"], issuer.as_str());
    assert_eq!(told, program.through("/.well-known/oauth-authorization-server").await.json);
    let endpoints: Vec<_> = told
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri")
        .map(|(name, url)| (name, url.as_str().unwrap()))
        .collect();
    assert!(endpoints.len() >= 10, "{endpoints:?}");
    for (name, url) in endpoints {
        assert!(url.starts_with(&format!("{issuer}/")), "{name}: {url}");
        let status = program.send(program.client.post(url)).await.status;
        assert!(![404, 502].contains(&status), "{name}: {status}");
    }
    let register = program.client.post(told["registration_endpoint"].as_str().unwrap());
    let registered = program.send(register.json(&json!({"redirect_uris": [CALLBACK]}))).await.json;
    let managed = registered["registration_client_uri"].as_str().unwrap();
    assert!(managed.starts_with(&format!("{issuer}/")), "{managed}");
    let token = registered["registration_access_token"].as_str().unwrap();
    assert_eq!(program.send(program.client.get(managed).bearer_auth(token)).await.status, 200);
}

#[tokio::test]
async fn below_a_path_a_user_logs_in_looks_after_the_account_connects_a_device_and_leaves() {
    let program = below_a_path().await;
    let issuer = program.issuer();
    let told = program.through("/.well-known/openid-configuration").await.json;
    let grants = json!(["authorization_code", "refresh_token", DEVICE_CODE]);
    let client = program.relying_party(json!({"grant_types": grants})).await;
    let asked = client.asks(&[]).replace(&program.url(""), &issuer);
    let browser = program.browser();
    let step = browser.get(&asked).await.location.unwrap();
    assert_within(&issuer, &browser.get(&step).await.html);
    let answer = browser.goes_through(&step, ANN).await;
    assert_eq!(answer["iss"], issuer);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", answer["code"].as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let tokens = post(&program, &client, &told["token_endpoint"], &form).await;
    let claims = id_claims(&program, &client, &tokens["id_token"]).await;
    let info = program.client.get(told["userinfo_endpoint"].as_str().unwrap());
    let info = program.send(info.bearer_auth(tokens["access_token"].as_str().unwrap())).await;
    assert_eq!((&info.json["sub"], &info.json["email"]), (&claims["sub"], &json!(ANN)));

    let account = browser.get(&format!("{issuer}/account")).await;
    assert_eq!(account.status, 200, "{:?}", account.location);
    assert_within(&issuer, &account.html);
    let fields = [("email", ANN), ("username", "Ann"), ("name", "Ann Lee")];
    let saved = browser.submit(&format!("{issuer}/account/profile"), &account, &fields).await;
    assert_eq!(saved.location, Some(format!("{issuer}/account?done=saved")), "{}", saved.html);

    let begun = post(&program, &client, &told["device_authorization_endpoint"], &[("scope", "openid")]).await;
    assert_eq!(begun["verification_uri"], format!("{issuer}/device"));
    let start = begun["verification_uri_complete"].as_str().unwrap();
    assert!(start.starts_with(&format!("{issuer}/device?")), "{start}");
    let page = browser.get(start).await;
    assert_within(&issuer, &page.html);
    let connected = browser.submit(start, &page, &[("decision", "allow")]).await;
    assert!(connected.html.contains("Device connected"), "{}", connected.html);
    let code = begun["device_code"].as_str().unwrap();
    let connected =
        post(&program, &client, &told["token_endpoint"], &[("grant_type", DEVICE_CODE), ("device_code", code)]).await;
    assert!(connected["access_token"].is_string(), "{connected}");

    let logout = told["end_session_endpoint"].as_str().unwrap();
    let page = browser.get(logout).await;
    assert_within(&issuer, &page.html);
    browser.submit(logout, &page, &[("decision", "logout")]).await;
    let login = browser.get(&format!("{issuer}/account")).await.location.unwrap();
    assert!(login.starts_with(&format!("{issuer}/oauth2/interaction/")), "{login}");
    let silent = browser.get(&format!("{asked}&prompt=none")).await.location.unwrap();
    assert_eq!(parameters(&silent)["error"], "login_required");
}

fn cookies(answer: &Answer) -> Vec<&str> {
    answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
}

/// The one cookie of this name, which nobody but this host, over https, has to do with; as it is sent back.
fn host_cookie(answer: &Answer, name: &str) -> String {
    let set = cookies(answer);
    let found = set.iter().find(|cookie| cookie.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {set:?}"));
    let attributes: Vec<_> = found.split(';').map(|part| part.trim().to_ascii_lowercase()).collect();
    for attribute in ["secure", "httponly", "samesite=lax", "path=/"] {
        assert!(attributes.iter().any(|one| one == attribute), "{attribute} in {found}");
    }
    assert!(!attributes.iter().any(|one| one.starts_with("domain")), "{found}");
    found.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn on_https_every_address_is_https_and_cookies_are_the_hosts_alone() {
    const ISSUER: &str = "https://id.example.com";
    let builder = ProgramBuilder::new().in_memory().with_admin().env("SIGNET__SERVER__PUBLIC_URL", ISSUER);
    let program = builder.env("SIGNET__SERVER__TRUSTED_PROXIES", "127.0.0.0/8").start().await;
    let told = program.get("/.well-known/openid-configuration").await;
    assert!(told.header("strict-transport-security").contains("max-age="));
    let urls = told.json.as_object().unwrap().values().filter_map(Value::as_str).filter(|text| text.contains("://"));
    let urls: Vec<_> = urls.collect();
    assert!(urls.len() >= 10, "{urls:?}");
    for url in urls {
        assert!(url == ISSUER || url.starts_with(&format!("{ISSUER}/")), "{url}");
    }

    let client = program.relying_party(json!({})).await;
    let begun = program.send(program.client.get(client.asks(&[]))).await;
    let step = begun.header("location").to_owned();
    assert!(step.starts_with(&format!("{ISSUER}/oauth2/interaction/")), "{step}");
    let waiting = host_cookie(&begun, "__Host-signet_request_");
    let here = step.replace(ISSUER, &program.url(""));
    let page = program.send(program.client.get(&here).header("cookie", &waiting)).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_within(ISSUER, &page.text);
    let page = Page { status: page.status, location: None, html: page.text };
    let token = page.hidden("token");
    let form = [("token", token.as_str()), ("login", ADMIN), ("password", PASSWORD)];
    let entered = program.send(program.client.post(&here).header("cookie", &waiting).form(&form)).await;
    assert_eq!((entered.status, entered.header("location")), (303, step.as_str()), "{}", entered.text);
    let session = host_cookie(&entered, "__Host-signet_session=");
    let both = format!("{waiting}; {session}");
    let asked = program.send(program.client.get(&here).header("cookie", &both)).await;
    assert!(asked.text.contains("name=\"decision\""), "logged in, and asked: {}", asked.text);
    let plain = both.replace("__Host-", "");
    let refused = program.send(program.client.get(&here).header("cookie", &plain)).await;
    assert_eq!(refused.status, 400, "names that any host of the domain could set count for nothing");
}
