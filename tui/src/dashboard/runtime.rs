//! The loop: what comes in makes messages, messages change the model, effects are carried out, and what changed is drawn. It
//! knows neither terminal nor server, so that a test can be both.

use std::{io, sync::Arc, time::Duration};

use crossterm::event::Event;
use futures_util::{Stream as Incoming, StreamExt};
use ratatui::{Terminal, backend::Backend};
use tokio::{sync::mpsc, time::Instant};

use super::{
    key::Key,
    message::{Effect, Msg, Stream},
    model::{Model, Screen},
    remote::Remote,
    theme::Theme,
    update::update,
    view::view,
};

/// How often time is looked at.
const TICK: Duration = Duration::from_secs(1);

/// What the loop cannot do itself.
pub trait Shell {
    /// Puts a text into the terminal's clipboard.
    fn copy(&mut self, text: &str) -> io::Result<()>;
    /// Stops as a shell's job, and comes back.
    fn suspend(&mut self) -> io::Result<()>;
}

/// Runs until it is told to end, or until there is nothing to come in any more.
pub async fn run<B: Backend, R: Remote>(
    model: &mut Model,
    terminal: &mut Terminal<B>,
    mut input: impl Incoming<Item = io::Result<Event>> + Unpin,
    remote: Arc<R>,
    shell: &mut impl Shell,
    theme: Theme,
) -> Result<(), B::Error>
where
    B::Error: From<io::Error>,
{
    let begun = Instant::now();
    let (tell, mut told) = mpsc::unbounded_channel();
    // The first frame waits for nobody.
    terminal.draw(|frame| view(model, theme, frame))?;
    for stream in [Stream::Stats, Stream::Audit] {
        tokio::spawn(Arc::clone(&remote).follow(stream, tell.clone()));
    }
    let mut effects = model.load(model.screen);
    effects.extend(model.load(Screen::Audit));
    let mut ticks = tokio::time::interval(TICK);
    loop {
        for effect in effects.drain(..) {
            match effect {
                Effect::Quit => return Ok(()),
                Effect::Copy(text) => shell.copy(&text)?,
                Effect::Suspend => {
                    shell.suspend()?;
                    terminal.clear()?;
                }
                effect => spawn(&remote, effect, &tell),
            }
        }
        let msg = tokio::select! {
            event = input.next() => match event {
                None => return Ok(()),
                Some(Err(error)) => return Err(error.into()),
                Some(Ok(Event::Resize(..))) => Msg::Resize,
                Some(Ok(event)) => match Key::of(&event) {
                    Some(key) => Msg::Key(key),
                    None => continue,
                },
            },
            Some(msg) = told.recv() => msg,
            _ = ticks.tick() => Msg::Tick,
        };
        let drawn = is_seen(&msg, model);
        effects = update(model, msg, begun.elapsed());
        // Whatever came meanwhile is in the same frame.
        while let Ok(msg) = told.try_recv() {
            effects.extend(update(model, msg, begun.elapsed()));
        }
        if drawn {
            terminal.draw(|frame| view(model, theme, frame))?;
        }
    }
}

/// Whether a message can change what is seen. A second that goes by does where one is counted down.
fn is_seen(msg: &Msg, model: &Model) -> bool {
    match msg {
        Msg::Tick => model.notice.is_some() || model.unlocked_until.is_some() || model.counts_seconds(),
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
            Effect::Copy(_) | Effect::Suspend | Effect::Quit => return,
        };
        let _ = tell.send(Msg::Answered(ticket, answer));
    });
}
