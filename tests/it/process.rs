//! The process: configuration, starts that must fail, TLS, health, and a graceful end.

use std::{os::unix::fs::PermissionsExt, path::Path};

use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::harness::{PASSWORD, Program, ProgramBuilder, Tokens, executable, until};

/// The program with arguments, in a directory: whether it succeeded, and what it said.
fn run(directory: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> (bool, String, String) {
    let output = std::process::Command::new(executable())
        .current_dir(directory)
        .env_clear()
        .envs(environment.iter().copied())
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn the_first_start_prints_what_a_newcomer_needs_and_later_ones_until_they_used_it() {
    let program = Program::start().await;
    for line in ["Signet is ready.", "Listening", "Issuer", "/.well-known/jwks.json", "/docs/", "admin@localhost"] {
        assert!(program.greeting.contains(line), "{line}\n{}", program.greeting);
    }
    let first = crate::passwords::temporary_administrator_password(&program);
    let program = program.crash_and_restart().await;
    let second = crate::passwords::temporary_administrator_password(&program);
    assert_ne!(first, second);
    assert_eq!(program.try_login("admin@localhost", &first).await.status, 401);
    let tokens = Tokens::of(&program.try_login("admin@localhost", &second).await);
    assert_eq!(program.put_me(&tokens.access, json!({"password": PASSWORD})).await.status, 200);
    let program = program.crash_and_restart().await;
    assert!(!program.greeting.contains("Temporary password"), "{}", program.greeting);
    assert_eq!(program.try_login("admin@localhost", PASSWORD).await.status, 200);
    assert!(!program.log().contains(&second), "it is shown on the terminal and nowhere else");
}

#[tokio::test]
async fn the_first_administrator_can_be_named() {
    let program = ProgramBuilder::new()
        .in_memory()
        .env("SIGNET__BOOTSTRAP__ADMIN_EMAIL", "root@example.com")
        .env("SIGNET__BOOTSTRAP__ADMIN_PASSWORD", PASSWORD)
        .start()
        .await;
    assert!(!program.greeting.contains("Temporary password"));
    let tokens = program.login("root@example.com").await;
    let me = program.me(&tokens.access).await;
    assert_eq!((&me.json["roles"], &me.json["email_verified"]), (&json!(["admin"]), &json!(true)));
}

#[tokio::test]
async fn a_file_configures_and_the_environment_overrides_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("signet.toml");
    std::fs::write(
        &file,
        "[server]\nlisten = \"127.0.0.1:1\"\npublic_url = \"https://id.example.com\"\ntrusted_proxies = [\"10.0.0.0/8\", \"192.0.2.1\"]\n\
         [mail]\ntransport = \"smtp\"\nhost = \"mail.example.com\"\nusername = \"u\"\npassword = \"canary-secret\"\n\
         [bootstrap.settings]\naccess_token_lifetime = \"10m\"\n",
    )
    .unwrap();
    let path = file.to_str().unwrap();
    let environment = [("SIGNET__SERVER__LISTEN", "127.0.0.1:4711")];
    let (ok, out, err) = run(directory.path(), &environment, &["--config", path, "config", "check"]);
    assert!(ok, "{err}");
    for expected in [
        "127.0.0.1:4711",
        "https://id.example.com",
        "10.0.0.0/8, 192.0.2.1/32",
        "mail.example.com:587",
        "access_token_lifetime=600",
        "is valid",
    ] {
        assert!(out.contains(expected), "{expected}\n{out}");
    }
    assert!(!out.contains("canary"), "{out}");
    let (ok, out, _) = run(directory.path(), &[("SIGNET_CONFIG", path)], &["config", "check"]);
    assert!(ok && out.contains("127.0.0.1:1"), "{out}");
    let (ok, out, err) = run(
        directory.path(),
        &[("PORT", "5000"), ("SIGNET__SERVER__PUBLIC_URL", "https://x.example")],
        &["config", "check"],
    );
    assert!(ok && out.contains("0.0.0.0:5000"), "{out}{err}");
}

#[tokio::test]
async fn a_mistake_in_the_configuration_is_named_and_nothing_starts() {
    let directory = tempfile::tempdir().unwrap();
    for (name, value, expected) in [
        ("SIGNET__SERVER__LISTEN", "nowhere", "server.listen"),
        ("SIGNET__SERVER__LISTEN", "0.0.0.0:8080", "server.public_url"),
        ("PORT", "5000", "server.public_url"),
        ("PORT", "many", "PORT"),
        ("SIGNET__SERVER__LISTN", "127.0.0.1:0", "listn"),
        ("SIGNET__SERVER__PUBLIC_URL", "ftp://x", "server.public_url"),
        ("SIGNET__SERVER__PUBLIC_URL", "https://x/?a=b", "server.public_url"),
        ("SIGNET__SERVER__COOKIE_SAME_SITE", "none", "https"),
        ("SIGNET__SERVER__COOKIE_SAME_SITE", "loose", "lax, strict, none"),
        ("SIGNET__SERVER__TRUSTED_PROXIES", "everyone", "server.trusted_proxies"),
        ("SIGNET__OUTGOING__ALLOWED_NETWORKS", "everyone", "outgoing.allowed_networks"),
        ("SIGNET__SERVER__CORS_ORIGINS", "https://a.example/path", "server.cors_origins"),
        ("SIGNET__SERVER__TLS__CERT", "cert.pem", "server.tls"),
        ("SIGNET__DATABASE__URL", "postgres://x", "database.url"),
        ("SIGNET__DATABASE__URL", "surrealkv://data/db?sync=never", "sync"),
        ("SIGNET__DATABASE__URL", "surrealkv://data/db?sync=5s", "sync"),
        ("SIGNET__DATABASE__URL", "surrealkv://data/db?sync=every&sync=never", "sync"),
        ("SIGNET__DATABASE__URL", "surrealkv://data/db?SYNC=never", "sync"),
        ("SIGNET__DATABASE__URL", "surrealkv://", "no directory"),
        ("SIGNET__SERVER__PUBLIC_URL", " https://x.example", "server.public_url"),
        ("SIGNET__DATABASE__USERNAME", "root", "database.password"),
        ("SIGNET__MAIL__TRANSPORT", "pigeon", "mail.transport"),
        ("SIGNET__MAIL__TRANSPORT", "smtp", "mail.host"),
        ("SIGNET__MAIL__FROM", "nobody", "mail.from"),
        ("SIGNET__MAIL__TEMPLATES_DIR", "/nowhere/at/all", "mail.templates_dir"),
        ("SIGNET__LOG__LEVEL", "inof", "log.level"),
        ("SIGNET__LOG__FORMAT", "yaml", "log.format"),
        ("SIGNET__BOOTSTRAP__SETTINGS__ACCESS_TOKEN_LIFETIME", "0", "a duration from 1s to 1d"),
        ("SIGNET__BOOTSTRAP__SETTINGS__NO_SUCH_THING", "1", "no_such_thing"),
        ("SIGNET__BOOTSTRAP__ADMIN_EMAIL", "nobody", "bootstrap.admin_email"),
    ] {
        for arguments in [&["config", "check"][..], &["serve"]] {
            let (ok, _, err) = run(directory.path(), &[(name, value)], arguments);
            assert!(!ok && err.contains(expected), "{name}={value}: {err}");
        }
    }
    assert!(std::fs::read_dir(directory.path()).unwrap().next().is_none(), "nothing was made");
}

#[tokio::test]
async fn a_broken_mail_template_is_found_before_the_first_mail() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("password_reset.html"), "{{ nonsense }}").unwrap();
    let environment = [("SIGNET__MAIL__TEMPLATES_DIR", directory.path().to_str().unwrap())];
    let (ok, _, err) = run(directory.path(), &environment, &["config", "check"]);
    assert!(!ok && err.contains("password_reset.html"), "{err}");
}

#[tokio::test]
async fn a_master_key_that_is_missing_wrong_or_readable_by_others_stops_the_start() {
    let mut program = Program::start().await;
    let key = program.directory().join("data/master.key");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&key), 0o600);
    assert_eq!(program.terminate().await, Some(0));

    let original = std::fs::read(&key).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refusal = program.fail_to_start_again().await;
    assert!(refusal.contains("chmod 600"), "{refusal}");
    std::fs::remove_file(&key).unwrap();
    let refusal = program.fail_to_start_again().await;
    assert!(refusal.contains("master key"), "{refusal}");
    assert!(!key.exists(), "no new key in its place");
    for (wrong, expected) in
        [("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "wrong master key"), ("short", "32 bytes")]
    {
        std::fs::write(&key, wrong).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        let refusal = program.fail_to_start_again().await;
        assert!(refusal.contains(expected), "{refusal}");
    }
    std::fs::write(&key, original).unwrap();
    let program = program.crash_and_restart().await;
    assert_eq!(program.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn the_master_key_can_be_changed_and_the_signing_keys_stay() {
    let mut program =
        ProgramBuilder::new().on_disk().env("SIGNET__SERVER__PUBLIC_URL", "http://id.example.com").start().await;
    let tokens = program.user("ann@example.com").await;
    let directory = program.directory().to_owned();
    assert_eq!(program.terminate().await, Some(0));
    let (ok, out, err) = run(&directory, &[], &["keys", "rewrap", "--new-master-key-file", "data/new.key"]);
    assert!(ok && out.contains("4 keys"), "{out}{err}");
    let refusal = program.fail_to_start_again().await;
    assert!(refusal.contains("wrong master key"), "{refusal}");
    let program =
        program.crash_and_restart_with(|builder| builder.env("SIGNET__KEYS__MASTER_KEY_FILE", "data/new.key")).await;
    assert_eq!(program.me(&tokens.access).await.status, 200);
    assert_eq!(program.refresh(&tokens.refresh).await.status, 200);
}

#[tokio::test]
async fn two_processes_do_not_share_an_embedded_database() {
    let program = ProgramBuilder::new().on_disk().start().await;
    let refusal = program.fail_to_start_again().await;
    assert!(refusal.contains("another process"), "{refusal}");
    assert_eq!(program.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn migrate_prepares_a_database_that_serve_then_uses() {
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let (ok, _, err) = run(directory.path(), &[], &["migrate"]);
        assert!(ok, "{err}");
    }
    assert!(directory.path().join("data/db").is_dir());
}

#[tokio::test]
async fn a_stop_lets_requests_finish_and_exits_cleanly() {
    let mut program = ProgramBuilder::new().setting("scrypt_log_n", "15").start().await;
    program.register("ann@example.com").await;
    let client = program.client.clone();
    let url = program.url("/api/login/");
    // Logins take long enough to be under way when the signal comes.
    let under_way: Vec<_> = (0..8)
        .map(|_| {
            let request = client.post(&url).json(&json!({"email": "ann@example.com", "password": PASSWORD}));
            tokio::spawn(request.send())
        })
        .collect();
    until(|| async { program.log().contains("answered").then_some(()) }).await;
    assert_eq!(program.terminate().await, Some(0));
    for request in under_way {
        // Whatever had reached the server is answered; a connection it had not accepted yet may be refused.
        if let Ok(answer) = request.await.unwrap() {
            assert!([200, 429, 503].contains(&answer.status().as_u16()));
        }
    }
    let program = program.crash_and_restart().await;
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 200);
}

/// One answer on a connection, and whether it is the last one there.
async fn ask_once(connection: &mut BufReader<TcpStream>) -> std::io::Result<bool> {
    connection.write_all(b"GET /get_public_cert HTTP/1.1\r\nHost: x\r\n\r\n").await?;
    let (mut length, mut last, mut head) = (0, false, String::new());
    loop {
        head.clear();
        if connection.read_line(&mut head).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = head.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        last |= line == "connection: close";
        length = line.strip_prefix("content-length: ").map_or(length, |number| number.parse().expect("a number"));
    }
    connection.read_exact(&mut vec![0; length]).await?;
    Ok(last)
}

/// Asks for as long as there is a server; how often it answered. Nobody is let down on a connection that was let in: one that
/// stood at the door when that closed is turned away like any later one.
async fn ask_until_refused(address: String) -> usize {
    let mut answered = 0;
    loop {
        let Ok(stream) = TcpStream::connect(&address).await else { return answered };
        let mut connection = BufReader::new(stream);
        let mut is_new = true;
        loop {
            match ask_once(&mut connection).await {
                Ok(last) => {
                    answered += 1;
                    is_new = false;
                    if last {
                        break;
                    }
                }
                Err(error) => {
                    let at_the_door = is_new && error.kind() == std::io::ErrorKind::ConnectionReset;
                    let is_closed = TcpStream::connect(&address).await.is_err();
                    assert!(at_the_door && is_closed, "after {answered} answers: {error}");
                    return answered;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_stop_under_load_aborts_no_request() {
    let mut program = Program::start().await;
    let callers: Vec<_> = (0..8).map(|_| tokio::spawn(ask_until_refused(program.address().to_owned()))).collect();
    until(|| async { program.log().contains("answered").then_some(()) }).await;
    assert_eq!(program.terminate().await, Some(0));
    for caller in callers {
        assert!(caller.await.unwrap() > 0);
    }
}

#[tokio::test]
async fn health_and_readiness_are_told() {
    let program = Program::start().await;
    assert_eq!(program.get("/healthz/").await.json, json!({"status": "OK"}));
    let ready = program.get("/readyz").await;
    assert_eq!((ready.status, &ready.json["status"]), (200, &json!("OK")));
    let names: Vec<_> = ready.json["checks"].as_array().unwrap().iter().map(|check| check["name"].clone()).collect();
    assert_eq!(names, ["database", "signing_key", "mail_queue"]);
}

#[tokio::test]
async fn logs_can_be_json() {
    let program = ProgramBuilder::new().in_memory().env("SIGNET__LOG__FORMAT", "json").start().await;
    program.get("/healthz").await;
    until(|| async { program.log().contains("answered").then_some(()) }).await;
    for line in program.log().lines() {
        let entry: serde_json::Value = serde_json::from_str(line).expect(line);
        assert!(entry["timestamp"].is_string() && entry["level"].is_string());
    }
}

fn certificate(directory: &Path, name: &str) -> String {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    std::fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(directory.join("cert.pem"), made.cert.pem()).unwrap();
    made.cert.pem()
}

async fn answers_with(port: &str, pem: &str) -> bool {
    let client = reqwest::Client::builder()
        .add_root_certificate(reqwest::Certificate::from_pem(pem.as_bytes()).unwrap())
        .resolve("id.example.com", format!("127.0.0.1:{port}").parse().unwrap())
        .build()
        .unwrap();
    let answer = client.get(format!("https://id.example.com:{port}/healthz")).send().await;
    answer.is_ok_and(|answer| answer.status() == 200)
}

#[tokio::test]
async fn a_renewed_certificate_is_served_without_a_restart() {
    let files = tempfile::tempdir().unwrap();
    let first = certificate(files.path(), "id.example.com");
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let program = ProgramBuilder::new()
        .in_memory()
        .env("SIGNET__SERVER__TLS__CERT", &path("cert.pem"))
        .env("SIGNET__SERVER__TLS__KEY", &path("key.pem"))
        .start()
        .await;
    assert!(program.greeting.contains("https://127.0.0.1:"), "{}", program.greeting);
    let port = program.address().rsplit(':').next().unwrap().to_owned();
    assert!(answers_with(&port, &first).await);
    std::fs::write(path("cert.pem"), "half a certific").unwrap();
    until(|| async { program.log().contains("the last one stays").then_some(()) }).await;
    assert!(answers_with(&port, &first).await, "a broken file changes nothing");
    let second = certificate(files.path(), "id.example.com");
    until(|| async { answers_with(&port, &second).await.then_some(()) }).await;
    assert!(!answers_with(&port, &first).await);
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("cert.pem"), "no certificate").unwrap();
    std::fs::write(directory.path().join("key.pem"), "no key").unwrap();
    let environment = [("SIGNET__SERVER__TLS__CERT", "cert.pem"), ("SIGNET__SERVER__TLS__KEY", "key.pem")];
    let (ok, _, err) = run(directory.path(), &environment, &["serve"]);
    assert!(!ok && err.contains("server.tls"), "{err}");
}
