//! The loop, with keys and a server that a test holds in its hand.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, pending, ready},
    stream,
};
use ratatui::{Terminal, backend::TestBackend};
use signet_tui::{
    api::{Answer, ApiError},
    call::Call,
    dashboard::{
        message::{Msg, Secret, SignIn, Stream},
        model::{Model, Screen},
        remote::Remote,
        runtime::{End, Shell, run},
        theme::{Palette, Theme},
    },
};
use tokio::sync::{Notify, mpsc::UnboundedSender};

use crate::{
    company::{CLOCK, answer},
    desk::{done, root, text},
};

/// A server that is asked and, once it is let, answers.
#[derive(Default)]
struct Asked {
    paths: Mutex<Vec<String>>,
    let_go: Notify,
}

impl Remote for Asked {
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        self.paths.lock().unwrap().push(call.path.clone());
        async move {
            self.let_go.notified().await;
            self.let_go.notify_one();
            Ok(Answer { etag: None, json: answer(&call.path) })
        }
        .boxed()
    }

    fn unlock(&self, _: Secret) -> BoxFuture<'_, Result<Answer, ApiError>> {
        ready(Ok(done())).boxed()
    }

    fn sign_in(&self, _: SignIn) -> BoxFuture<'_, Result<Answer, ApiError>> {
        ready(Ok(done())).boxed()
    }

    fn sign_out(&self) -> BoxFuture<'_, Result<Answer, ApiError>> {
        ready(Ok(done())).boxed()
    }

    fn export(&self, _: Call, _: PathBuf) -> BoxFuture<'_, Result<Answer, ApiError>> {
        ready(Ok(done())).boxed()
    }

    fn follow(self: Arc<Self>, _: Stream, _: UnboundedSender<Msg>) -> BoxFuture<'static, ()> {
        pending().boxed()
    }
}

/// What would go past the drawing.
#[derive(Default)]
struct Noted(Vec<String>);

impl Shell for Noted {
    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.0.push(text.to_owned());
        Ok(())
    }

    fn mouse(&mut self, heard: bool) -> io::Result<()> {
        self.0.push(format!("mouse {heard}"));
        Ok(())
    }

    fn suspend(&mut self, _: bool) -> io::Result<bool> {
        self.0.push("suspended".to_owned());
        Ok(true)
    }
}

fn key(character: char) -> io::Result<Event> {
    Ok(Event::Key(KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE)))
}

#[tokio::test]
async fn the_first_frame_waits_for_nobody_and_the_end_of_input_is_the_end() {
    let (mut model, mut shell) = (Model::new(root(), CLOCK), Noted::default());
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let server = Arc::new(Asked::default());
    let ended =
        run(&mut model, &mut terminal, stream::empty(), Arc::clone(&server), &mut shell, Theme::new(Palette::Dark));
    assert_eq!(ended.await.unwrap(), End::Quit);
    assert!(text(terminal.backend().buffer()).contains("1 Overview"));
}

#[tokio::test]
async fn keys_are_heard_while_the_server_is_slow() {
    let (mut model, mut shell) = (Model::new(root(), CLOCK), Noted::default());
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let server = Arc::new(Asked::default());
    let keys = stream::iter(['2', '5', 'm', 'Y', 'q'].map(key)).chain(stream::pending());
    let ended = run(&mut model, &mut terminal, keys, Arc::clone(&server), &mut shell, Theme::new(Palette::Dark)).await;
    assert_eq!((ended.unwrap(), model.screen), (End::Quit, Screen::Keys));
    assert_eq!(shell.0, ["mouse true", "signetctl keys list"]);
    server.let_go.notify_one();
}
