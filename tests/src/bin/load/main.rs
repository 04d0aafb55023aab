//! The load tool: starts the built `signet` on a disk, asks it for as much as it
//! can give, and holds that against what the machine gives without it.
//!
//! Everything happens on this machine: the generator shares its cores with the
//! server, which is why ratios to floors measured in the same run say more than
//! the rates themselves.

mod chains;
mod client;
mod drive;
mod fill;
mod floors;
mod interrupt;
mod openid;
mod operator;
mod process;
mod report;
mod rotation;
mod run;
mod scale;
mod scenario;
mod signet;
mod store;
mod tally;
mod usage;
mod users;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use scenario::Scenario;

/// Length of each scenario unless told otherwise.
const SECONDS: u64 = 5;

/// Measures signet on this machine.
///
/// Exits with 1 when any request failed.
#[derive(Parser)]
#[command(name = "load")]
struct Arguments {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What a run may be told.
#[derive(Args)]
pub struct Options {
    /// Length of each scenario, after a second of warm-up; of all of it for rotation [default: 5; rotation: 180].
    #[arg(long, global = true, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: Option<u64>,
    /// Connections, or tasks, at once.
    #[arg(long, global = true, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    connections: u16,
    /// The program to measure [default: the `signet` beside this one].
    #[arg(long, global = true, value_name = "FILE")]
    signet: Option<PathBuf>,
    /// Where databases are made, on the disk to be measured [default: the system's temporary directory].
    #[arg(long, global = true, value_name = "DIRECTORY")]
    directory: Option<PathBuf>,
    /// Measure these, and the floors they are held against; separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    only: Vec<Scenario>,
    /// Users in the database beforehand [default: 1000; scale: 1000000; rotation: 32].
    #[arg(long, global = true, value_name = "COUNT")]
    users: Option<usize>,
    /// Spent refresh tokens in the database beforehand [default: 0; scale: 2000000].
    #[arg(long, global = true, value_name = "COUNT")]
    spent: Option<usize>,
    /// Print JSON instead of a table.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Compare a large database with a small one; filling the large one takes long.
    Scale,
    /// Show that no token fails to verify while keys rotate and the server is killed.
    ///
    /// Three JWT libraries verify every token, each with a cached key set that it asks for again when the max-age has
    /// passed and not before. Takes --seconds, --connections, --signet, --directory, --users and --json. Exits with 1
    /// when a token did not verify, a request was refused, a start failed, or fewer than two keys signed.
    Rotation,
    /// Serve a constant.
    #[command(hide = true)]
    Hello {
        #[arg(long)]
        port: u16,
    },
    /// Rotate refresh tokens in a new database.
    #[command(hide = true)]
    Rotate {
        #[arg(long)]
        database: PathBuf,
    },
    /// Lay down users and spent tokens in a new database.
    #[command(hide = true)]
    Fill {
        #[arg(long)]
        database: PathBuf,
        #[arg(long)]
        log_n: u8,
    },
}

impl Options {
    fn seconds(&self) -> u64 {
        self.seconds.unwrap_or(SECONDS)
    }

    fn connections(&self) -> usize {
        usize::from(self.connections)
    }

    fn directory(&self) -> PathBuf {
        self.directory.clone().unwrap_or_else(std::env::temp_dir)
    }

    fn signet(&self) -> anyhow::Result<PathBuf> {
        match &self.signet {
            Some(program) => Ok(program.clone()),
            None => Ok(std::env::current_exe()?.parent().context("this program lies nowhere")?.join("signet")),
        }
    }
}

fn main() -> ExitCode {
    match dispatch(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything that was measured succeeded.
fn dispatch(arguments: &Arguments) -> anyhow::Result<bool> {
    let options = &arguments.options;
    match &arguments.command {
        None => {
            prepare()?;
            let report = run::run(options)?;
            if options.json {
                report::write_json(&report)?
            } else {
                report.write()?
            }
            Ok(report.is_clean())
        }
        Some(Command::Scale) => {
            prepare()?;
            let report = scale::run(options)?;
            if options.json {
                report::write_json(&report)?
            } else {
                report.write()?
            }
            Ok(report.is_clean())
        }
        Some(Command::Rotation) => {
            interrupt::listen()?;
            let report = rotation::run(options)?;
            if options.json {
                report::write_json(&report)?
            } else {
                report.write()?
            }
            // What it saw until then is worth telling, but it is not the run that was asked for.
            interrupt::check()?;
            Ok(report.is_clean())
        }
        Some(Command::Hello { port }) => floors::serve_hello(*port).map(|()| true),
        Some(Command::Rotate { database }) => {
            store::rotate(database, options.connections(), options.seconds()).map(|()| true)
        }
        Some(Command::Fill { database, log_n }) => {
            let (users, spent) = (options.users.unwrap_or(0), options.spent.unwrap_or(0));
            fill::fill(database, users, spent, *log_n).map(|()| true)
        }
    }
}

fn prepare() -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        writeln!(
            io::stderr(),
            "this is a debug build, whose figures mean nothing; use cargo run --release --bin load"
        )?;
    }
    interrupt::listen()
}
