//! The program under test, with a directory of its own.

use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context;
use tempfile::TempDir;

use crate::process::Process;

/// What stands before the address on standard output once a server answers.
pub const LISTENING: &str = "Listening";
/// Who administers it.
pub const OPERATOR: &str = "operator@example.com";
/// Their password.
pub const OPERATOR_PASSWORD: &str = "an operator's own password";
/// A start may have to replay a log.
const READY: Duration = Duration::from_secs(120);
/// Filling may take hours.
const FILL: Duration = Duration::from_secs(6 * 3_600);
/// Lines of the log that are shown when something fails.
const LOG_LINES: usize = 10;

/// A place for a server and its data, gone when this is dropped.
pub struct Site {
    directory: TempDir,
    program: PathBuf,
    log_n: u8,
    environment: Vec<(String, String)>,
}

/// A server that answers.
pub struct Running {
    /// Its process.
    pub process: Process,
    /// Where it answers.
    pub target: SocketAddr,
    /// How long it took to.
    pub ready_after: Duration,
}

impl Site {
    /// An empty one below `parent`, for a server that hashes passwords at a cost of 2^`log_n`.
    pub fn new(program: &Path, parent: &Path, log_n: u8) -> anyhow::Result<Self> {
        let program = program.canonicalize().with_context(|| {
            format!("there is no {}; run cargo build --release --bin signet, or name it at --signet", program.display())
        })?;
        let directory = tempfile::Builder::new().prefix("signet-load-").tempdir_in(parent)?;
        Ok(Self { directory, program, log_n, environment: Vec::new() })
    }

    /// A server that answers at an address of its own, which a restart keeps.
    pub fn at(mut self, address: SocketAddr) -> Self {
        self.environment.push(("SIGNET__SERVER__LISTEN".to_owned(), address.to_string()));
        self
    }

    /// A server whose setting has another first value than our own.
    pub fn with_setting(mut self, key: &str, value: &str) -> Self {
        self.environment.push((setting(key), value.to_owned()));
        self
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Lays down users and spent tokens, before the first start.
    pub fn fill(&self, users: usize, spent: usize) -> anyhow::Result<()> {
        let database = self.database().display().to_string();
        let [users, spent, log_n] = [users.to_string(), spent.to_string(), self.log_n.to_string()];
        let arguments = ["--database", &database, "--users", &users, "--spent", &spent, "--log-n", &log_n];
        Process::start_own("fill", &arguments)?.finish(FILL).map(drop)
    }

    /// Starts the server and waits until it answers.
    pub fn start(&self) -> anyhow::Result<Running> {
        let started = Instant::now();
        let process = Process::start("signet", &mut self.command()?)?;
        let address = process
            .wait_for(LISTENING, READY)
            .map_err(|error| anyhow::anyhow!("{error:#}; {}", self.last_log_lines()))?;
        let ready_after = started.elapsed();
        Ok(Running { process, target: address.parse()?, ready_after })
    }

    /// What the server logged last, for whoever looks into a failure.
    pub fn last_log_lines(&self) -> String {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        format!("the server's log ends with:\n{}", lines[lines.len().saturating_sub(LOG_LINES)..].join("\n"))
    }

    /// What the server logged about one thing, the last lines of it.
    pub fn log_lines_about(&self, what: &str) -> Vec<String> {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(what)).collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].iter().map(|line| (*line).to_owned()).collect()
    }

    fn database(&self) -> PathBuf {
        self.path().join("db")
    }

    fn log(&self) -> PathBuf {
        self.path().join("log")
    }

    fn command(&self) -> anyhow::Result<Command> {
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut command = Command::new(&self.program);
        // Nothing that the caller's environment says counts: the run is the same for everybody.
        command.env_clear().current_dir(self.path()).stdin(Stdio::null()).stderr(log);
        command
            .env("SIGNET__SERVER__LISTEN", "127.0.0.1:0")
            .env("SIGNET__DATABASE__URL", crate::store::url(&self.database()))
            .env("SIGNET__KEYS__MASTER_KEY_FILE", self.path().join("master.key"))
            .env("SIGNET__MAIL__DIR", self.path().join("mail"))
            // With an administrator who has a password, a start makes no temporary one, which would take a hash.
            .env("SIGNET__BOOTSTRAP__ADMIN_EMAIL", OPERATOR)
            .env("SIGNET__BOOTSTRAP__ADMIN_PASSWORD", OPERATOR_PASSWORD);
        let settings = [
            ("ADDRESS_REQUESTS_PER_MINUTE", "10000000"),
            ("LOGIN_ATTEMPTS", "10000"),
            ("ACCESS_TOKEN_LIFETIME", "3600"),
            ("SCRYPT_LOG_N", &self.log_n.to_string()),
        ];
        for (key, value) in settings {
            command.env(setting(key), value);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }
}

/// The variable for the first value of a setting.
fn setting(key: &str) -> String {
    format!("SIGNET__BOOTSTRAP__SETTINGS__{key}")
}

impl Running {
    /// Stops it; an error if it does not end in order.
    pub fn stop(self) -> anyhow::Result<()> {
        self.process.stop()
    }
}
