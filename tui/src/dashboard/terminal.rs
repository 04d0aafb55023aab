//! The real terminal: taken over, and left as it was found, however the program ends.

use std::{
    io::{self, Stdout, Write},
    pin::Pin,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use crossterm::{
    cursor::Show,
    event::{DisableMouseCapture, EnableMouseCapture, Event, EventStream, KeyCode, KeyEvent, KeyModifiers},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use futures_util::{Stream, StreamExt, stream};
use ratatui::{Terminal, backend::CrosstermBackend};
use tokio::signal::unix::{SignalKind, signal};

use super::runtime::Shell;

/// The signal that asks a job to stop.
#[cfg(target_os = "linux")]
const SIGTSTP: i32 = 20;
#[cfg(not(target_os = "linux"))]
const SIGTSTP: i32 = 18;

/// What a program that panicked ends with, as Rust has it.
const PANICKED: i32 = 101;

/// A terminal that is taken over until this is dropped.
pub struct Screen {
    /// What is drawn on.
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal over. A panic gives it back before it tells of itself, and ends the program wherever it was: the
    /// rest would draw on.
    pub fn enter() -> io::Result<Self> {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let _ = leave();
            tell(panic);
            std::process::exit(PANICKED);
        }));
        take()?;
        Ok(Self { terminal: Terminal::new(CrosstermBackend::new(io::stdout()))? })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = leave();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen)
}

fn leave() -> io::Result<()> {
    execute!(io::stdout(), DisableMouseCapture, LeaveAlternateScreen, Show)?;
    disable_raw_mode()
}

/// What goes past the drawing.
pub struct RealShell;

impl Shell for RealShell {
    /// OSC 52: the terminal, wherever it is, has the clipboard.
    fn copy(&mut self, text: &str) -> io::Result<()> {
        let mut out = io::stdout();
        write!(out, "\x1b]52;c;{}\x07", STANDARD.encode(text))?;
        out.flush()
    }

    fn mouse(&mut self, heard: bool) -> io::Result<()> {
        if heard { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
    }

    fn suspend(&mut self, mouse: bool) -> io::Result<bool> {
        if !has_shell() {
            return Ok(false);
        }
        leave()?;
        // The whole group, as the shell's own Ctrl-Z would; by the signal that is not heard as a wish to do so.
        let stopped = std::process::Command::new("kill").args(["-STOP", "0"]).status();
        take()?;
        self.mouse(mouse)?;
        stopped.map(|_| true)
    }
}

/// Whether somebody would continue us: the parent is of our session and not of our group (POSIX calls a group without one
/// orphaned, and the kernel does not stop it by itself). Where that cannot be found out, a shell is taken for granted.
fn has_shell() -> bool {
    // After the name, which may hold anything: state, parent, group, session.
    let stat = |process: &str| {
        let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let fields = text.rsplit(')').next()?.split_whitespace().skip(1).take(3);
        let fields: Vec<i64> = fields.map(str::parse).collect::<Result<_, _>>().ok()?;
        <[i64; 3]>::try_from(fields).ok()
    };
    let Some([parent, group, session]) = stat("self") else { return true };
    stat(&parent.to_string()).is_some_and(|[_, its_group, its_session]| its_session == session && its_group != group)
}

/// What is typed, until a signal says that it is over. One that says to stop is Ctrl-Z.
pub fn input() -> io::Result<impl Stream<Item = io::Result<Event>> + Unpin> {
    let mut over = Vec::new();
    for kind in [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()] {
        over.push(signals(kind)?);
    }
    let stop = signals(SignalKind::from_raw(SIGTSTP))?
        .map(|()| Ok(Event::Key(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL))));
    let mut ended = stream::select_all(over);
    let typed = stream::select(EventStream::new(), stop);
    Ok(Box::pin(typed.take_until(Box::pin(async move { ended.next().await }))))
}

/// A signal of a kind, each time it comes.
fn signals(kind: SignalKind) -> io::Result<Pin<Box<dyn Stream<Item = ()> + Send>>> {
    let heard = signal(kind)?;
    Ok(Box::pin(stream::unfold(heard, |mut heard| async move { heard.recv().await.map(|()| ((), heard)) })))
}
