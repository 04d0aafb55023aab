//! The program `signet` as a child process.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// Far more than a start takes, so that only a hang meets it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program, built by `cargo test` beside this test binary.
pub(crate) fn executable() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    test.ancestors().nth(2).expect("the target directory").join("signet")
}

/// The database server that the tests are to run on, if not embedded.
fn database_server() -> Option<String> {
    std::env::var("SIGNET_TEST_DATABASE").ok().filter(|server| !server.is_empty())
}

/// What a server is started with.
#[derive(Clone)]
pub(crate) struct ProgramBuilder {
    environment: BTreeMap<String, String>,
    largest_file: Option<u32>,
}

impl ProgramBuilder {
    #[expect(clippy::disallowed_methods, reason = "a test needs a namespace that no other run has")]
    /// Defaults on loopback, with cheap hashes and no throttle by address, since all tests share one. On the database server
    /// that `SIGNET_TEST_DATABASE` names (`HOST:PORT`), if it does, in a namespace of its own; else embedded, on disk.
    pub(crate) fn new() -> Self {
        let builder = Self { environment: BTreeMap::new(), largest_file: None };
        let builder = match database_server() {
            Some(server) => builder
                .env("SIGNET__DATABASE__URL", &format!("ws://{server}"))
                .env("SIGNET__DATABASE__NAMESPACE", &format!("test_{}", uuid::Uuid::new_v4().simple()))
                .env("SIGNET__DATABASE__USERNAME", "root")
                .env("SIGNET__DATABASE__PASSWORD", "root"),
            None => builder,
        };
        builder
            .setting("scrypt_log_n", "10")
            .setting("address_requests_per_minute", "1000000")
            .env("SIGNET__SERVER__LISTEN", "127.0.0.1:0")
            .env("SIGNET__LOG__LEVEL", "debug")
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A first value of a setting.
    pub(crate) fn setting(self, key: &str, value: &str) -> Self {
        self.env(&format!("SIGNET__BOOTSTRAP__SETTINGS__{}", key.to_uppercase()), value)
    }

    /// Writes beyond so many KiB of one file fail, as they do on a full disk.
    pub(crate) fn files_up_to(self, kib: u32) -> Self {
        Self { largest_file: Some(kib), ..self }
    }

    /// As much disk as there is.
    pub(crate) fn files_unlimited(self) -> Self {
        Self { largest_file: None, ..self }
    }

    /// Keeps nothing: for tests that are not about the disk.
    pub(crate) fn in_memory(self) -> Self {
        if database_server().is_some() { self } else { self.env("SIGNET__DATABASE__URL", "mem://") }
    }

    /// Embedded and on disk, whatever the others are on.
    pub(crate) fn on_disk(mut self) -> Self {
        self.environment.retain(|name, _| !name.starts_with("SIGNET__DATABASE__"));
        self
    }

    pub(crate) async fn start(self) -> Program {
        let directory = Arc::new(tempfile::tempdir().expect("a directory"));
        self.start_in(directory).await
    }

    async fn start_in(self, directory: Arc<TempDir>) -> Program {
        match Program::spawn(self, directory).await {
            Ok(program) => program,
            Err(output) => panic!("signet did not start: {output}"),
        }
    }

    /// Starts a program that is expected to refuse; returns what it says.
    pub(crate) async fn fail_to_start(self, directory: &Path) -> String {
        let output = self.command(directory).output().await.expect("the program");
        assert!(!output.status.success(), "it started");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn command(&self, directory: &Path) -> Command {
        let mut command = match self.largest_file {
            None => Command::new(executable()),
            Some(kib) => {
                // With the signal ignored the write itself fails. The shell counts in blocks of 512 bytes.
                let mut command = Command::new("/bin/sh");
                let limit = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\"", 2 * kib);
                command.arg("-c").arg(limit).arg(executable());
                command
            }
        };
        command.current_dir(directory).env_clear().envs(&self.environment).kill_on_drop(true);
        command
    }
}

/// A running server. Dropped, it is killed and its data go away.
pub(crate) struct Program {
    pub(crate) client: reqwest::Client,
    pub(crate) greeting: String,
    address: String,
    child: Child,
    _stdout: Lines<BufReader<ChildStdout>>,
    builder: ProgramBuilder,
    directory: Arc<TempDir>,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
    /// `Null` where the body is no JSON.
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The `jwt_token` cookie that the answer sets.
    pub(crate) fn cookie(&self) -> &str {
        let values = self.headers.get_all("set-cookie").iter();
        values.filter_map(|value| value.to_str().ok()).find(|value| value.starts_with("jwt_token=")).unwrap_or_default()
    }
}

impl Program {
    /// A server on disk, as a newcomer has it.
    pub(crate) async fn start() -> Self {
        ProgramBuilder::new().start().await
    }

    async fn spawn(builder: ProgramBuilder, directory: Arc<TempDir>) -> Result<Self, String> {
        let log = std::fs::File::options().create(true).append(true).open(directory.path().join("signet.log"));
        let mut child = builder
            .command(directory.path())
            .stdout(Stdio::piped())
            .stderr(log.expect("a log file"))
            .spawn()
            .expect("the program");
        let stdout = child.stdout.take().expect("its output");
        let mut lines = BufReader::new(stdout).lines();
        let greeting =
            tokio::time::timeout(PATIENCE, greeting(&mut lines)).await.map_err(|_| "no answer".to_owned())?;
        let Some(address) = greeting.lines().find_map(|line| line.trim().strip_prefix("Listening")) else {
            return Err(std::fs::read_to_string(directory.path().join("signet.log")).unwrap_or_default());
        };
        Ok(Self {
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(PATIENCE)
                .danger_accept_invalid_certs(true)
                .build()
                .expect("a client"),
            address: address.trim().to_owned(),
            greeting,
            child,
            _stdout: lines,
            builder,
            directory,
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What its tokens name as their issuer.
    pub(crate) fn issuer(&self) -> String {
        self.builder.environment.get("SIGNET__SERVER__PUBLIC_URL").cloned().unwrap_or_else(|| self.url(""))
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Everything logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("signet.log")).unwrap_or_default()
    }

    /// Resident memory, in KiB.
    pub(crate) fn memory(&self) -> u64 {
        let id = self.child.id().expect("a running process");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("its status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
    }

    /// kill -9, and a start on the same data, with the same environment.
    pub(crate) async fn crash_and_restart(self) -> Self {
        self.crash_and_restart_with(|environment| environment).await
    }

    /// kill -9, and a start on the same data in another environment.
    pub(crate) async fn crash_and_restart_with(
        mut self,
        change: impl FnOnce(ProgramBuilder) -> ProgramBuilder,
    ) -> Self {
        self.child.kill().await.expect("a kill");
        self.start_again_with(change).await
    }

    /// SIGTERM, its exit code, and what is left to start again.
    pub(crate) async fn terminate(&mut self) -> Option<i32> {
        let id = self.child.id().expect("a running process").to_string();
        Command::new("kill").arg(&id).status().await.expect("kill");
        self.ended().await
    }

    /// The exit code of a server that comes to its end.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("an end").expect("a status");
        status.code()
    }

    /// A start on the same data in another environment.
    pub(crate) async fn start_again_with(self, change: impl FnOnce(ProgramBuilder) -> ProgramBuilder) -> Self {
        change(self.builder).start_in(Arc::clone(&self.directory)).await
    }

    /// A start on the same data that is expected to be refused.
    pub(crate) async fn fail_to_start_again(&self) -> String {
        self.builder.clone().fail_to_start(self.directory.path()).await
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a body");
        Answer { status, headers, json: serde_json::from_str(&text).unwrap_or_default(), text }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.client.get(self.url(path))).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.client.post(self.url(path)).json(&body)).await
    }

    pub(crate) async fn put_me(&self, access: &str, body: Value) -> Answer {
        self.send(self.client.put(self.url("/api/me/")).bearer_auth(access).json(&body)).await
    }

    /// A call of the cookie API with its cookie.
    pub(crate) async fn post_with_cookie(&self, path: &str, jwt: &str, body: Value) -> Answer {
        let request = self.client.post(self.url(path)).header("cookie", format!("jwt_token={jwt}"));
        self.send(request.json(&body)).await
    }
}

/// What the server prints once it serves, to the last line of it.
async fn greeting(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    let mut text = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        text.push_str(&line);
        text.push('\n');
        if line.contains("Ctrl-C") {
            break;
        }
    }
    text
}
