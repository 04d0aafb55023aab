//! The dashboard on a real terminal: a pseudo-terminal, and what a terminal makes of what is written to it.

use std::{
    io::{Read, Write},
    num::NonZeroU16,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtyPair, PtySize, SlavePty, native_pty_system};
use tokio::{process::Command, sync::watch, time::timeout};
use vt100::{Callbacks, Parser};

use super::terminal::Terminal;

/// Far more than a screen takes to come, so that only one that never comes meets it.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const ENTER: &str = "\r";
/// What is typed right behind it would make it another key: wait for what it does first.
pub(crate) const ESC: &str = "\u{1b}";
pub(crate) const CTRL_U: &str = "\u{15}";
pub(crate) const CTRL_Z: &str = "\u{1a}";

/// What the shell of [`Terminal::shell`] writes when it waits for a command.
const PROMPT: &str = "shell>";

/// A terminal with a program on it. Dropped, the program is killed.
pub(crate) struct Screen {
    shown: Arc<watch::Sender<Parser<Answers>>>,
    keyboard: Keyboard,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    /// A terminal is there before its programs, and stays when they go.
    _slave: Box<dyn SlavePty + Send>,
}

/// What a program reads, from whoever types and from the terminal itself.
type Keyboard = Arc<Mutex<Box<dyn Write + Send>>>;

/// What a terminal answers by itself: where its cursor is, when it is asked.
struct Answers(Keyboard);

impl Callbacks for Answers {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        _: Option<u8>,
        _: Option<u8>,
        given: &[&[u16]],
        name: char,
    ) {
        if let (&[&[6]], 'n') = (given, name) {
            let (row, column) = screen.cursor_position();
            write(&self.0, &format!("\u{1b}[{};{}R", row + 1, column + 1));
        }
    }
}

/// What a program could leave behind on a terminal.
#[derive(Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) alternate_screen: bool,
    pub(crate) cursor_hidden: bool,
    /// The sequences that bring it about: keypad, pasting and mouse.
    pub(crate) input_modes: String,
    /// All that `stty` knows.
    pub(crate) line_settings: String,
}

impl Terminal<'_> {
    /// The dashboard, on a terminal of so many columns and rows.
    pub(crate) fn dashboard(&self, columns: u16, rows: u16) -> Screen {
        Screen::open(&self.command(&[]), columns, rows)
    }

    /// A shell with job control, which knows `signetctl` by its name.
    pub(crate) fn shell(&self, columns: u16, rows: u16) -> Screen {
        let signetctl = self.command(&[]);
        let signetctl = signetctl.as_std();
        let folder = std::path::Path::new(signetctl.get_program()).parent().expect("a folder").display();
        let mut shell = Command::new("/bin/sh");
        shell.arg("-i").envs(signetctl.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.env("PATH", format!("{folder}:/usr/bin:/bin")).env("PS1", format!("{PROMPT} "));
        Screen::open(&shell, columns, rows)
    }
}

impl Screen {
    /// Runs a command with its arguments and nothing but its variables.
    pub(crate) fn open(command: &Command, columns: u16, rows: u16) -> Self {
        let size = size(columns, rows);
        let PtyPair { slave, master } = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let child = slave.spawn_command(on_a_terminal(command)).expect("the program");
        let mut output = master.try_clone_reader().expect("its output");
        let keyboard: Keyboard = Arc::new(Mutex::new(master.take_writer().expect("its input")));
        let answers = Answers(Arc::clone(&keyboard));
        let parser = Parser::new_with_callbacks(non_zero(rows), non_zero(columns), 0, answers);
        let shown = Arc::new(watch::Sender::new(parser));
        let terminal = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut bytes = [0; 8_192];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                terminal.send_modify(|parser| parser.process(&bytes[..count]));
            }
        });
        Self { shown, keyboard, child, master, _slave: slave }
    }

    /// Types.
    pub(crate) fn press(&self, keys: &str) -> &Self {
        write(&self.keyboard, keys);
        self
    }

    /// What is on the screen, one line a row, as soon as it is so. A frame comes in pieces from top to bottom, and what
    /// holds of half of one is enough.
    pub(crate) async fn until(&self, holds: impl Fn(&str) -> bool) -> String {
        let mut shown = self.shown.subscribe();
        let mut found = None;
        let look = |parser: &Parser<Answers>| {
            found = Some(text(parser.screen())).filter(|text| holds(text));
            found.is_some()
        };
        let _ = timeout(PATIENCE, shown.wait_for(look)).await;
        found.unwrap_or_else(|| panic!("it did not come up; there is\n{}", self.text()))
    }

    /// What is on the screen now.
    pub(crate) fn text(&self) -> String {
        text(self.shown.borrow().screen())
    }

    /// The same with colours and places.
    pub(crate) fn picture(&self) -> vt100::Screen {
        self.shown.borrow().screen().clone()
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.shown.send_modify(|parser| parser.set_size(non_zero(rows), non_zero(columns)));
        self.master.resize(size(columns, rows)).expect("another size");
    }

    /// Signals whoever is in the foreground.
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.master.process_group_leader().expect("a program in the foreground").to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().await.expect("kill").success());
    }

    /// How the terminal is now.
    pub(crate) fn condition(&self) -> Condition {
        let shown = self.shown.borrow();
        let screen = shown.screen();
        Condition {
            alternate_screen: screen.alternate_screen(),
            cursor_hidden: screen.hide_cursor(),
            input_modes: screen.input_mode_formatted(),
            line_settings: format!("{:?}", self.master.get_termios().expect("line settings")),
        }
    }

    /// Waits until the shell waits.
    pub(crate) async fn until_prompt(&self) -> String {
        self.until(|screen| screen.trim_end().ends_with(PROMPT)).await
    }

    /// The exit code of a program that comes to its end.
    pub(crate) async fn ended(&mut self) -> u32 {
        let mut rounds = tokio::time::interval(Duration::from_millis(20));
        let end = async {
            loop {
                rounds.tick().await;
                if let Some(status) = self.child.try_wait().expect("a status") {
                    return status.exit_code();
                }
            }
        };
        match timeout(PATIENCE, end).await {
            Ok(code) => code,
            Err(_) => panic!("it did not end; there is\n{}", self.text()),
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(keyboard: &Keyboard, text: &str) {
    let mut keyboard = keyboard.lock().unwrap_or_else(PoisonError::into_inner);
    keyboard.write_all(text.as_bytes()).expect("a terminal");
}

fn on_a_terminal(command: &Command) -> CommandBuilder {
    let command = command.as_std();
    let mut builder = CommandBuilder::new(command.get_program());
    builder.args(command.get_args());
    builder.env_clear();
    for (name, value) in command.get_envs() {
        builder.env(name, value.unwrap_or_default());
    }
    builder.env("TERM", "xterm-256color");
    builder.cwd("/");
    builder
}

fn text(screen: &vt100::Screen) -> String {
    let columns = screen.size().1.get();
    screen.rows(0, columns).collect::<Vec<_>>().join("\n")
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, ..PtySize::default() }
}

fn non_zero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a size")
}
