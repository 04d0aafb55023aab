//! The program `signet`: arguments → configuration → server.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand};
use signet_server::{Running, Templates, config, telemetry};

/// A token issuer: logs users in, issues and rotates JWTs, publishes its keys.
///
/// With no arguments and no configuration it listens on 127.0.0.1:8080 and keeps its data in ./data.
#[derive(Parser)]
#[command(name = "signet", version)]
struct Arguments {
    /// A TOML file; every key can also be set as SIGNET__SECTION__KEY.
    #[arg(long, env = "SIGNET_CONFIG", global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server (the default).
    Serve,
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Bring the database's schema up to date, and exit.
    Migrate,
    /// Look after the signing keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Write completions for a shell to standard output.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Check the configuration and say what it came to.
    Check,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Seal the signing keys with another master key. Stop the server first.
    Rewrap {
        /// The file of the new master key; it is made if it is not there.
        #[arg(long, value_name = "FILE")]
        new_master_key_file: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Two providers are in the dependency tree, so rustls does not choose by itself.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "signet: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(Command::Completions { shell }) = arguments.command {
        clap_complete::generate(shell, &mut Arguments::command(), "signet", &mut io::stdout());
        return Ok(());
    }
    let config = config::Config::load(arguments.config.as_deref())?;
    telemetry::init(&config.log);
    // The database parses deep queries on the stack; two megabytes are too few for it in a debug build.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(10 * 1024 * 1024).build()?;
    match &arguments.command {
        None | Some(Command::Serve) => runtime.block_on(serve(config)),
        Some(Command::Config { command: ConfigCommand::Check }) => check(&config),
        Some(Command::Migrate) => runtime.block_on(signet_server::migrate(&config)),
        Some(Command::Keys { command: KeysCommand::Rewrap { new_master_key_file } }) => {
            let count = runtime.block_on(signet_server::rewrap(&config, new_master_key_file))?;
            writeln!(
                io::stdout(),
                "{count} keys are sealed with {} now; set keys.master_key_file to it and keep the old one with old backups",
                new_master_key_file.display()
            )?;
            Ok(())
        }
        Some(Command::Completions { .. }) => Ok(()),
    }
}

fn check(config: &config::Config) -> anyhow::Result<()> {
    Templates::new(config.mail.templates_dir.clone()).check()?;
    config.check_certificate()?;
    let mut out = io::stdout().lock();
    for (key, value, meaning) in config::explain(config) {
        writeln!(out, "{key:<26} {value:<40} {meaning}")?;
    }
    writeln!(out, "\nThe configuration is valid.")?;
    Ok(())
}

async fn serve(config: config::Config) -> anyhow::Result<()> {
    let mut terminate = signal(tokio::signal::unix::SignalKind::terminate())?;
    let mut interrupt = signal(tokio::signal::unix::SignalKind::interrupt())?;
    let mut running = tokio::select! {
        running = signet_server::start(config) => running?,
        _ = terminate.recv() => return Ok(()),
        _ = interrupt.recv() => return Ok(()),
    };
    greet(&running)?;
    let failure = tokio::select! {
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
        failure = running.failed() => Some(failure),
    };
    tracing::info!("stopping: requests under way are finished first");
    tokio::select! {
        () = running.stop() => {}
        _ = interrupt.recv() => tracing::warn!("stopping at once"),
    }
    failure.map_or(Ok(()), Err)
}

fn signal(kind: tokio::signal::unix::SignalKind) -> anyhow::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(kind).context("cannot listen for signals")
}

/// What a newcomer needs next. This is the one place that shows a secret: the first administrator's temporary password.
fn greet(running: &Running) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let url = &running.public_url;
    writeln!(out, "Signet is ready.\n")?;
    writeln!(out, "  Listening   {}", running.address)?;
    writeln!(out, "  Issuer      {url}")?;
    writeln!(out, "  Keys        {}", url.join("/.well-known/jwks.json"))?;
    writeln!(out, "  API docs    {}", url.join("/docs/"))?;
    if let Some(administrator) = &running.administrator {
        writeln!(out, "\n  First administrator   {}", administrator.name)?;
        writeln!(out, "  Temporary password    {}", administrator.temporary_password.expose())?;
        writeln!(out, "  Log in with it within a day and set your own:")?;
        writeln!(out, "  it opens nothing else. Until then every start shows a new one.")?;
    }
    writeln!(out, "\n  Stop it with Ctrl-C.\n")?;
    out.flush()
}
