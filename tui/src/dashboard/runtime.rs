//! The loop: what comes in makes messages, messages change the model, effects are carried out, and what changed is drawn. It
//! knows neither terminal nor server, so that a test can be both.

use std::{io, sync::Arc, time::Duration};

use crossterm::event::Event;
use futures_util::{Stream as Incoming, StreamExt};
use ratatui::{Terminal, backend::Backend, layout::Rect};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};

use super::{
    clock,
    key::{Key, Mouse},
    message::{Effect, Msg, Stream},
    model::{Model, Screen},
    remote::Remote,
    theme::Theme,
    update::{begin, update},
    view::view,
};

/// How often time is looked at.
const TICK: Duration = Duration::from_secs(1);

/// What the loop cannot do itself.
pub trait Shell {
    /// Puts a text into the terminal's clipboard.
    fn copy(&mut self, text: &str) -> io::Result<()>;
    /// Hears the mouse, or leaves it to the terminal.
    fn mouse(&mut self, heard: bool) -> io::Result<()>;
    /// Stops as a shell's job, and comes back; false where there is no shell.
    fn suspend(&mut self, mouse: bool) -> io::Result<bool>;
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// For good.
    Quit,
    /// To begin anew with this profile.
    Switch(String),
}

/// Runs until it is told to end, or until there is nothing to come in any more.
pub async fn run<B: Backend, R: Remote>(
    model: &mut Model,
    terminal: &mut Terminal<B>,
    mut input: impl Incoming<Item = io::Result<Event>> + Unpin,
    remote: Arc<R>,
    shell: &mut impl Shell,
    theme: Theme,
) -> io::Result<End>
where
    B::Error: Send + Sync + 'static,
{
    let begun = Instant::now();
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut followers = JoinSet::new();
    let size = terminal.size().map_err(io::Error::other)?;
    update(model, Msg::Resize(size.width, size.height), Duration::ZERO);
    let mut effects = begin(model);
    // The first frame waits for nobody.
    draw(model, terminal, theme)?;
    let mut ticks = tokio::time::interval(TICK);
    // After a stop, time is looked at once and not once for every second.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        for effect in effects.drain(..) {
            match effect {
                Effect::Quit => return Ok(End::Quit),
                Effect::Switch(profile) => return Ok(End::Switch(profile)),
                Effect::Copy(text) => shell.copy(&text)?,
                Effect::Mouse(heard) => shell.mouse(heard)?,
                Effect::Leave => followers.abort_all(),
                Effect::Suspend if !shell.suspend(model.mouse)? => {
                    let _ = tell.send(Msg::NoShell);
                }
                Effect::Suspend => {
                    // Everything is drawn anew, without asking the terminal where its cursor is, as clearing it would.
                    let size = terminal.size().map_err(io::Error::other)?;
                    terminal.resize(Rect::new(0, 0, size.width, size.height)).map_err(io::Error::other)?;
                    draw(model, terminal, theme)?;
                }
                Effect::Follow => {
                    followers.abort_all();
                    for stream in [Stream::Stats, Stream::Audit] {
                        followers.spawn(Arc::clone(&remote).follow(stream, tell.clone()));
                    }
                }
                effect => spawn(&remote, effect, &tell),
            }
        }
        let msg = tokio::select! {
            event = input.next() => match event {
                None => return Ok(End::Quit),
                Some(event) => match read(&event?) {
                    Some(msg) => msg,
                    None => continue,
                },
            },
            Some(msg) = told.recv() => msg,
            _ = ticks.tick() => Msg::Tick(clock::now()),
        };
        let mut seen = is_seen(&msg, model);
        effects = update(model, msg, begun.elapsed());
        // Whatever came meanwhile is in the same frame.
        while let Ok(msg) = told.try_recv() {
            seen |= is_seen(&msg, model);
            effects.extend(update(model, msg, begun.elapsed()));
        }
        if seen {
            draw(model, terminal, theme)?;
        }
    }
}

fn draw<B: Backend>(model: &Model, terminal: &mut Terminal<B>, theme: Theme) -> io::Result<()>
where
    B::Error: Send + Sync + 'static,
{
    terminal.draw(|frame| view(model, theme, frame)).map(drop).map_err(io::Error::other)
}

fn read(event: &Event) -> Option<Msg> {
    match event {
        Event::Resize(columns, rows) => Some(Msg::Resize(*columns, *rows)),
        event => Key::of(event).map(Msg::Key).or_else(|| Mouse::of(event).map(Msg::Mouse)),
    }
}

/// Whether a message can change what is seen. Of time that goes by, a second does where seconds are counted, and a minute
/// where ages are shown.
fn is_seen(msg: &Msg, model: &Model) -> bool {
    match msg {
        Msg::Tick(now) => {
            let ages = !model.paused && model.screen != Screen::Settings && model.clock / 60 != now / 60;
            model.counts_seconds() || ages
        }
        Msg::Streamed(..) => !model.paused,
        _ => true,
    }
}

fn spawn<R: Remote>(remote: &Arc<R>, effect: Effect, tell: &mpsc::UnboundedSender<Msg>) {
    let (remote, tell) = (Arc::clone(remote), tell.clone());
    tokio::spawn(async move {
        let (ticket, answer) = match effect {
            Effect::Send(ticket, call) => (ticket, remote.send(call).await),
            Effect::Unlock(ticket, password) => (ticket, remote.unlock(password).await),
            Effect::SignIn(ticket, who) => (ticket, remote.sign_in(who).await),
            Effect::SignOut(ticket) => (ticket, remote.sign_out().await),
            Effect::Export(ticket, call, file) => (ticket, remote.export(call, file).await),
            Effect::Follow
            | Effect::Leave
            | Effect::Copy(_)
            | Effect::Mouse(_)
            | Effect::Suspend
            | Effect::Switch(_)
            | Effect::Quit => {
                return;
            }
        };
        let _ = tell.send(Msg::Answered(ticket, answer));
    });
}
