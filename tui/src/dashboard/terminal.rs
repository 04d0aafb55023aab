//! The real terminal: taken over, and left as it was found, however the program ends.

use std::io::{self, Stdout, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use crossterm::{
    cursor::Show,
    event::{DisableMouseCapture, EnableMouseCapture, EventStream},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use futures_util::{Stream, StreamExt, stream};
use ratatui::{Terminal, backend::CrosstermBackend};
use tokio::signal::unix::{SignalKind, signal};

use super::runtime::Shell;

/// A terminal that is taken over until this is dropped.
pub struct Screen {
    /// What is drawn on.
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal over. A panic gives it back before it tells of itself.
    pub fn enter() -> io::Result<Self> {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let _ = leave();
            tell(panic);
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

    fn suspend(&mut self, mouse: bool) -> io::Result<()> {
        leave()?;
        // The whole group, as the shell's own Ctrl-Z would.
        let stopped = std::process::Command::new("kill").args(["-TSTP", "0"]).status();
        take()?;
        self.mouse(mouse)?;
        stopped.map(drop)
    }
}

/// What is typed, until a signal says that it is over.
pub fn input() -> io::Result<impl Stream<Item = io::Result<crossterm::event::Event>> + Unpin> {
    let mut over = Vec::new();
    for kind in [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()] {
        over.push(signal(kind)?);
    }
    let ended = stream::select_all(over.into_iter().map(|signal| {
        Box::pin(stream::unfold(signal, |mut signal| async move { signal.recv().await.map(|()| ((), signal)) }))
    }));
    let ended = Box::pin(async move {
        let mut ended = ended;
        ended.next().await;
    });
    Ok(Box::pin(EventStream::new().take_until(ended)))
}
