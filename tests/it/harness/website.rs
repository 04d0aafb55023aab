//! A website of a client's: it shows what it was given, and remembers what is posted to it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use salvo::{Depot, FlowCtrl, Listener, Request, Response, Router, Server, async_trait, conn::TcpListener};
use tokio::sync::mpsc;

/// What was posted: to which path, and the fields.
pub(crate) type Posted = (String, BTreeMap<String, String>);

/// Status and body for each path.
type Pages = Arc<Mutex<BTreeMap<String, (u16, String)>>>;

pub(crate) struct Website {
    origin: String,
    pages: Pages,
    posted: mpsc::UnboundedReceiver<Posted>,
}

struct Answering {
    pages: Pages,
    posts: mpsc::UnboundedSender<Posted>,
}

#[async_trait]
impl salvo::Handler for Answering {
    async fn handle(&self, req: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        let path = req.uri().path().to_owned();
        if req.method() == "POST" {
            let form: BTreeMap<String, String> = req.parse_form().await.expect("a form");
            self.posts.send((path.clone(), form)).ok();
        }
        let (status, body) = self.pages.lock().expect("no panic").get(&path).cloned().unwrap_or((404, String::new()));
        res.status_code(salvo::http::StatusCode::from_u16(status).expect("a status"));
        res.headers_mut().insert("content-type", "application/json".parse().expect("a value"));
        res.body(body);
    }
}

impl Website {
    pub(crate) async fn start() -> Self {
        let (posts, posted) = mpsc::unbounded_channel();
        let pages = Pages::default();
        let acceptor = TcpListener::new("127.0.0.1:0").bind().await;
        let origin = format!("http://{}", acceptor.inner().local_addr().expect("an address"));
        let answering = Answering { pages: Arc::clone(&pages), posts };
        tokio::spawn(Server::new(acceptor).serve(Router::with_path("{**any}").goal(answering)));
        Self { origin, pages, posted }
    }

    /// Where a path is.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// What is at a path from now on; the address of it.
    pub(crate) fn show(&self, path: &str, status: u16, body: impl ToString) -> String {
        self.pages.lock().expect("no panic").insert(path.to_owned(), (status, body.to_string()));
        self.url(path)
    }

    /// The next thing that is posted.
    pub(crate) async fn posted(&mut self) -> Posted {
        let waiting = tokio::time::timeout(std::time::Duration::from_secs(60), self.posted.recv());
        waiting.await.expect("nothing was posted").expect("a website")
    }
}
