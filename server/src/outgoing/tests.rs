//! What is asked, and above all what is not.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use reqwest::dns::{Addrs, Name, Resolving};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::sleep};

use super::{turns::*, *};

/// One that may ask here.
fn local() -> Outgoing {
    Outgoing::new(vec!["127.0.0.1/32".parse().unwrap()]).unwrap()
}

/// One that may ask what is public.
fn public() -> Outgoing {
    Outgoing::new(Vec::new()).unwrap()
}

/// A server that always says this, and the requests it got.
async fn says(text: String) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let requests = Arc::<Mutex<Vec<String>>>::default();
    let seen = Arc::clone(&requests);
    let address = stub::serve(move |request, stream| {
        seen.lock().unwrap().push(request);
        let text = text.clone();
        async move { stub::say(stream, &text).await }
    })
    .await;
    (address, requests)
}

/// A server that says this, and then goes on as that does.
async fn goes_on<F: Future<Output = ()> + Send>(
    beginning: &'static str,
    more: impl Fn(TcpStream) -> F + Clone + Send + Sync + 'static,
) -> SocketAddr {
    stub::serve(move |_, mut stream| {
        let more = more.clone();
        async move {
            stream.write_all(beginning.as_bytes()).await.unwrap();
            more(stream).await;
        }
    })
    .await
}

async fn refusal(outgoing: &Outgoing, url: &str) -> Reason {
    outgoing.get(url, "*/*", 1_000).await.expect_err(url).reason
}

/// A resolver that gives one answer after another, and then none.
#[derive(Default)]
struct Answers(Mutex<VecDeque<Vec<SocketAddr>>>);

impl Resolve for Answers {
    fn resolve(&self, name: Name) -> Resolving {
        assert_eq!(name.as_str(), "client.example");
        let answer = self.0.lock().unwrap().pop_front();
        Box::pin(async { Ok(Box::new(answer.ok_or("no such name")?.into_iter()) as Addrs) })
    }
}

/// A resolver for which every name is here.
struct Everywhere;

impl Resolve for Everywhere {
    fn resolve(&self, _: Name) -> Resolving {
        let here = SocketAddr::new("127.0.0.1".parse().unwrap(), 0);
        Box::pin(async move { Ok(Box::new(std::iter::once(here)) as Addrs) })
    }
}

impl Outgoing {
    async fn get_owned(&self, url: String) -> Result<Bytes, OutgoingError> {
        self.get(&url, "*/*", 5).await
    }
}

/// One for which `client.example` is at these addresses, one question after the other.
fn with_answers(allowed: &[&str], answers: &[&[&str]]) -> Outgoing {
    let address = |text: &&str| SocketAddr::new(text.parse().unwrap(), 0);
    let answers = answers.iter().map(|answer| answer.iter().map(address).collect()).collect();
    let allowed = allowed.iter().map(|network| network.parse().unwrap()).collect();
    Outgoing::with(allowed, Arc::new(Answers(Mutex::new(answers)))).unwrap()
}

#[tokio::test]
async fn an_allowed_network_is_asked_and_told_no_more_than_it_needs() {
    let (address, requests) = says(stub::reply("200 OK", "set-cookie: a=b\r\n", "hello")).await;
    let outgoing = local();
    for _ in 0..2 {
        let body = outgoing.get(&format!("http://{address}/jwks?x=1#part"), "application/json", 5).await.unwrap();
        assert_eq!(body, "hello");
    }
    let requests = requests.lock().unwrap();
    let mut lines: Vec<_> = requests[1].trim_end().split("\r\n").map(str::to_lowercase).collect();
    lines.sort();
    let version = env!("CARGO_PKG_VERSION");
    let expected = [
        "accept: application/json".to_owned(),
        "get /jwks?x=1 http/1.1".to_owned(),
        format!("host: {address}"),
        format!("user-agent: signet/{version}"),
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_form_is_posted_and_its_status_told_whatever_it_is() {
    for (status, code) in [("200 OK", 200), ("204 No Content", 204), ("400 Bad Request", 400), ("302 Found", 302)] {
        let (address, requests) = says(stub::reply(status, "location: http://127.0.0.1:1/\r\n", "")).await;
        let told = local().post_form(&format!("http://{address}/logout"), &[("logout_token", "a.b&c=d")]).await;
        assert_eq!(told, Ok(code));
        let requests = requests.lock().unwrap();
        assert_eq!(requests.len(), 1);
        assert!(requests[0].starts_with("POST /logout ") && requests[0].ends_with("\r\n\r\nlogout_token=a.b%26c%3Dd"));
        assert!(requests[0].to_lowercase().contains("content-type: application/x-www-form-urlencoded\r\n"));
    }
}

#[tokio::test]
async fn what_is_inside_the_network_is_not_asked_however_it_is_written() {
    let (address, requests) = says(stub::reply("200 OK", "", "")).await;
    let port = address.port();
    for scheme in ["http", "https"] {
        for host in [
            "127.0.0.1",
            "localhost",
            "LOCALHOST",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "127.0.0.1.",
            "0",
            "%31%32%37.0.0.1",
            "①②⑦.0.0.1",
            "[::1]",
            "[::]",
            "[::127.0.0.1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "10.0.0.1",
            "169.254.169.254",
            "[fd00:ec2::254]",
        ] {
            let reason = refusal(&public(), &format!("{scheme}://{host}:{port}/")).await;
            assert!(matches!(reason, Reason::NotPublic(_)), "{scheme} {host}: {reason}");
        }
    }
    let reason = refusal(&public(), "http://9.9.9.9/").await;
    assert_eq!(reason, Reason::NotHttps("9.9.9.9".parse().unwrap()));
    assert!(requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_web_address_is_refused() {
    for url in [
        "",
        "client.example",
        "/jwks",
        "https://",
        "ftp://client.example/",
        "file:///etc/passwd",
        "data:application/json,{}",
        "gopher://127.0.0.1:70/",
        "unix:/run/x",
        "https://name@client.example/",
        "https://name:word@client.example/",
        "https://:word@client.example/",
        "https://[fe80::1%25eth0]/",
        "https://client.example:99999/",
    ] {
        assert_eq!(refusal(&public(), url).await, Reason::Malformed, "{url}");
    }
}

#[tokio::test]
async fn a_name_is_resolved_once_and_what_was_checked_is_asked() {
    let (address, requests) = says(stub::reply("200 OK", "", "hello")).await;
    let url = format!("http://client.example:{}/", address.port());
    let changing = with_answers(&["127.0.0.1/32"], &[&["127.0.0.1"], &["10.0.0.1"], &["127.0.0.2"]]);
    assert_eq!(changing.get(&url, "*/*", 5).await.unwrap(), "hello");
    assert!(requests.lock().unwrap()[0].to_lowercase().contains(&format!("host: client.example:{}", address.port())));
    for address in ["10.0.0.1", "127.0.0.2"] {
        assert_eq!(refusal(&changing, &url).await, Reason::NotPublic(address.parse().unwrap()));
    }

    let mixed = with_answers(&["127.0.0.1/32"], &[&["10.0.0.1", "127.0.0.1", "::1"]]);
    assert_eq!(mixed.get(&url, "*/*", 5).await.unwrap(), "hello");

    let https = with_answers(&[], &[&["127.0.0.1", "::ffff:127.0.0.1"], &["192.168.1.1"], &[]]);
    let url = "https://client.example/";
    assert!(matches!(refusal(&https, url).await, Reason::NotPublic(_)));
    assert_eq!(refusal(&https, url).await, Reason::NotPublic("192.168.1.1".parse().unwrap()));
    for _ in ["no address", "no name"] {
        assert_eq!(refusal(&https, url).await, Reason::Unresolved);
    }

    let plain = with_answers(&["127.0.0.1/32"], &[&["9.9.9.9"]]);
    assert_eq!(refusal(&plain, "http://client.example/").await, Reason::NotHttps("9.9.9.9".parse().unwrap()));
    assert_eq!(requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn redirects_are_not_followed_and_other_statuses_are_no_answer() {
    let (inside, requests) = says(stub::reply("200 OK", "", "secret")).await;
    for (status, code) in [
        ("301 Moved Permanently", 301),
        ("302 Found", 302),
        ("307 Temporary Redirect", 307),
        ("204 No Content", 204),
        ("206 Partial Content", 206),
        ("404 Not Found", 404),
        ("500 Internal Server Error", 500),
    ] {
        let (address, _) = says(stub::reply(status, &format!("location: http://{inside}/\r\n"), "")).await;
        assert_eq!(refusal(&local(), &format!("http://{address}/")).await, Reason::Status(code));
    }
    assert!(requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_and_as_it_is() {
    let (address, _) = says(stub::reply("200 OK", "", &"x".repeat(1_001))).await;
    let url = format!("http://{address}/");
    assert_eq!(local().get(&url, "*/*", 1_001).await.unwrap().len(), 1_001);
    assert_eq!(local().get(&url, "*/*", 1_000).await.unwrap_err().reason, Reason::TooLong(1_000));
    assert_eq!(local().get(&url, "*/*", 0).await.unwrap_err().reason, Reason::TooLong(0));

    let endless = goes_on("HTTP/1.1 200 OK\r\n\r\n", |mut stream| async move {
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    assert_eq!(refusal(&local(), &format!("http://{endless}/")).await, Reason::TooLong(1_000));

    // What is packed stays so: nothing small becomes large.
    let (address, _) = says(stub::reply("200 OK", "content-encoding: gzip\r\n", "\u{1f}not unpacked")).await;
    assert_eq!(local().get(&format!("http://{address}/"), "*/*", 100).await.unwrap(), "\u{1f}not unpacked");
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_makes_no_sense_is_none() {
    for text in [
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
        "SSH-2.0-OpenSSH\r\n",
        "",
        "HTTP/1.1 200 OK\r\n\0: \r\n\r\n",
    ] {
        let (address, _) = says(text.to_owned()).await;
        let reason = refusal(&local(), &format!("http://{address}/")).await;
        assert!(matches!(reason, Reason::Unreachable(_)), "{text:?}: {reason:?}");
    }
}

#[tokio::test]
async fn errors_name_the_host_and_nothing_of_the_rest() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = local().get(&format!("http://{address}/CANARY?token=CANARY"), "*/*", 9).await.unwrap_err();
    assert_eq!(error.host, "127.0.0.1");
    assert!(error.to_string().starts_with("127.0.0.1: Connection refused"), "{error}");
    assert!(!format!("{error:?}").contains("CANARY"));
    let error = public().post_form("https://10.0.0.1/CANARY", &[("logout_token", "CANARY")]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "10.0.0.1: 10.0.0.1 is no public address; if it is meant, put its network into outgoing.allowed_networks"
    );
}

#[tokio::test]
async fn whoever_is_slow_is_left_after_five_seconds() {
    let head = goes_on("HTTP/1.1 200 OK\r\nx: ", drip).await;
    let body = goes_on("HTTP/1.1 200 OK\r\n\r\n", drip).await;
    let silent = goes_on("", |stream| async move {
        sleep(Duration::from_secs(30)).await;
        drop(stream);
    })
    .await;
    let (outgoing, begun) = (local(), Instant::now());
    let urls = [head, body, silent].map(|address| format!("http://{address}/"));
    let reasons = futures_util::future::join_all(urls.iter().map(|url| refusal(&outgoing, url))).await;
    assert_eq!(reasons, [Reason::TimedOut, Reason::TimedOut, Reason::TimedOut]);
    assert!((5..7).contains(&begun.elapsed().as_secs()));
}

async fn drip(mut stream: TcpStream) {
    while stream.write_all(b"x").await.is_ok() {
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn so_many_are_asked_at_once_so_many_wait_and_the_rest_is_turned_away() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (current, peak) = (Arc::clone(&now), Arc::clone(&most));
    let address = stub::serve(move |_, stream| {
        let (current, peak) = (Arc::clone(&current), Arc::clone(&peak));
        async move {
            peak.fetch_max(current.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            sleep(Duration::from_millis(300)).await;
            current.fetch_sub(1, Ordering::SeqCst);
            stub::say(stream, &stub::reply("200 OK", "", "hello")).await;
        }
    })
    .await;
    let allowed = vec!["127.0.0.1/32".parse().unwrap()];
    let outgoing = Outgoing::with(allowed, Arc::new(Everywhere)).unwrap();
    let refused = async |hosts: usize, requests: usize| {
        let url = |number| format!("http://client{}.example:{}/", number % hosts, address.port());
        let all = (0..requests).map(|number| outgoing.get_owned(url(number)));
        let answers = futures_util::future::join_all(all).await;
        let refused: Vec<_> = answers.into_iter().filter_map(Result::err).map(|error| error.reason).collect();
        (refused, most.swap(0, Ordering::SeqCst))
    };
    let three = [Reason::Busy, Reason::Busy, Reason::Busy];
    let all = MAX_AT_ONCE + MAX_WAITING;
    assert_eq!(refused(all, all + 3).await, (three.to_vec(), MAX_AT_ONCE));
    let one = MAX_AT_ONE_HOST + MAX_WAITING_FOR_ONE_HOST;
    assert_eq!(refused(1, one + 3).await, (three.to_vec(), MAX_AT_ONE_HOST));
}
