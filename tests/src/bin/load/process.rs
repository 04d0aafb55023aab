//! Programs that are started for a run, and never outlive it.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use anyhow::Context;

use crate::{interrupt, usage::Usage};

/// A server drains for 30 seconds at most.
const STOP: Duration = Duration::from_secs(45);
/// How often a wait looks whether the run was interrupted.
const TICK: Duration = Duration::from_millis(100);

/// A program that runs; it is killed when this is dropped.
pub struct Process {
    child: Child,
    lines: Receiver<String>,
    name: &'static str,
}

impl Process {
    /// Starts a program and reads its standard output.
    pub fn start(name: &'static str, command: &mut Command) -> anyhow::Result<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| {
            format!("cannot start {name} ({}); was it built?", command.get_program().to_string_lossy())
        })?;
        let stdout = child.stdout.take();
        let (sender, lines) = mpsc::channel();
        // Read to its end, so that the program never waits for us to read.
        std::thread::spawn(move || {
            let lines = stdout.map(BufReader::new).into_iter().flat_map(BufRead::lines);
            for line in lines.map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Ok(Self { child, lines, name })
    }

    /// Starts this program once more, for a part that needs a process of its own.
    pub fn start_own(name: &'static str, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        Self::start(name, command.arg(name).args(arguments).stdin(Stdio::piped()))
    }

    /// What follows `label` on the first line that begins with it.
    pub fn wait_for(&self, label: &str, limit: Duration) -> anyhow::Result<String> {
        let deadline = Instant::now() + limit;
        loop {
            interrupt::check()?;
            match self.lines.recv_timeout(TICK) {
                Ok(line) => {
                    if let Some(rest) = line.trim_start().strip_prefix(label) {
                        return Ok(rest.trim().to_owned());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    anyhow::ensure!(Instant::now() < deadline, "{} did not say `{label}` within {limit:?}", self.name);
                }
                Err(RecvTimeoutError::Disconnected) => anyhow::bail!("{} ended without saying `{label}`", self.name),
            }
        }
    }

    /// Waits for the program's end; what it said last.
    pub fn finish(mut self, limit: Duration) -> anyhow::Result<String> {
        let deadline = Instant::now() + limit;
        let mut last = String::new();
        loop {
            interrupt::check()?;
            match self.lines.recv_timeout(TICK) {
                Ok(line) => last = line,
                Err(RecvTimeoutError::Timeout) => {
                    anyhow::ensure!(Instant::now() < deadline, "{} took longer than {limit:?}", self.name);
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let status = self.child.wait()?;
        anyhow::ensure!(status.success(), "{} failed: {status}", self.name);
        Ok(last)
    }

    /// What the program has used so far.
    pub fn usage(&self) -> anyhow::Result<Usage> {
        Usage::of(&self.child.id().to_string())
    }

    /// SIGKILL; an error if the program had ended by itself.
    pub fn kill(mut self) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            anyhow::bail!("{} had ended by itself: {status}", self.name);
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM, and a bounded wait for an end in order.
    pub fn stop(mut self) -> anyhow::Result<()> {
        // The standard library only knows SIGKILL.
        let pid = self.child.id().to_string();
        Command::new("sh").args(["-c", "kill -TERM \"$0\"", &pid]).status().context("cannot run sh")?;
        let deadline = Instant::now() + STOP;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                anyhow::ensure!(status.success(), "{} did not end in order: {status}", self.name);
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        anyhow::bail!("{} was still there {STOP:?} after SIGTERM", self.name)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ends this process when the one that started it is gone, which is when standard input ends.
pub fn die_with_parent() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(1);
    });
}
