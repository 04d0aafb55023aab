//! The command line: one shot for scripts.

mod account;
mod confirm;
pub mod keys;
mod run;
pub mod transfer;

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind, parser::ValueSource};
use clap_complete::Shell;

use crate::{
    actions::Action,
    dashboard::theme::{Palette, Theme, guess},
    output::Format,
};

pub use run::run;

/// The operator's terminal for Signet
///
/// Without a command it shows the dashboard, where ? lists the keys; with one it does one thing and ends. Secrets come from
/// standard input or the environment, never from the command line. It ends with 0 when it was done, 2 for a wrong command
/// line, 3 when not signed in or not allowed, 4 when there is no such thing, 5 when somebody was quicker, 6 when the server
/// cannot be reached, 7 when a rule forbids it, and 1 otherwise.
#[derive(Debug, Parser)]
#[command(name = "signetctl", version, propagate_version = true)]
pub struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Arguments {
    /// Those that the program was started with. A profile that was named there goes before a server of the environment.
    pub fn read() -> Self {
        let matches = Self::command().get_matches();
        let source = |name| matches.value_source(name);
        let beats =
            source("profile") == Some(ValueSource::CommandLine) && source("server") == Some(ValueSource::EnvVariable);
        let both =
            source("profile") == Some(ValueSource::CommandLine) && source("server") == Some(ValueSource::CommandLine);
        if both {
            Self::command().error(ErrorKind::ArgumentConflict, "name a server or a profile, not both").exit();
        }
        let mut arguments = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        if beats {
            arguments.global.server = None;
        }
        arguments
    }
}

/// What the dashboard looks like.
#[derive(Args, Clone, Copy, Debug)]
pub struct Look {
    /// Colours of the dashboard; NO_COLOR in the environment takes them away
    #[arg(long, value_enum, default_value_t, value_name = "THEME")]
    theme: Colours,
    /// Draw the dashboard with nothing but ASCII
    #[arg(long)]
    ascii: bool,
}

/// Which colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Colours {
    /// As the terminal tells in COLORFGBG, or for a dark one
    #[default]
    Auto,
    /// For a dark terminal
    Dark,
    /// For a light one
    Light,
}

impl Look {
    pub(crate) fn theme(self) -> Theme {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let palette = match self.theme {
            _ if no_color => Palette::None,
            Colours::Auto => guess(no_color, std::env::var("COLORFGBG").ok().as_deref()),
            Colours::Dark => Palette::Dark,
            Colours::Light => Palette::Light,
        };
        Theme::new(palette).in_ascii(self.ascii)
    }
}

/// What goes with every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// The server's URL
    #[arg(long, global = true, env = "SIGNETCTL_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,
    /// The profile that names the server
    #[arg(long, global = true, env = "SIGNETCTL_PROFILE", value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// How answers are printed
    #[arg(short, long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: Format,
    /// Do it without asking; needed for changes where nobody can be asked
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
    /// Where profiles and sessions are kept
    #[arg(long, global = true, env = crate::profile::DIRECTORY, value_name = "DIRECTORY", hide = true)]
    pub(crate) config_dir: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What the admin API does.
    #[command(flatten)]
    Act(Action),
    /// Sign in with a password, or in a browser, and stay signed in
    Login {
        /// Whose address; asked for unless told
        #[arg(long)]
        email: Option<String>,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        /// Show a code instead, and wait until it is allowed in a browser
        #[arg(long, conflicts_with_all = ["email", "password_stdin"])]
        device: bool,
        /// Where to keep what keeps you signed in
        #[arg(long, value_enum)]
        store: Store,
    },
    /// End the session, and forget it
    Logout,
    /// Who calls, and which server
    Whoami,
    /// Names for servers
    #[command(subcommand)]
    Profiles(Profiles),
    /// Print completions for a shell
    Completions {
        /// Which
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// Where a login is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Store {
    /// In a file that only you can read
    File,
    /// In the keyring of the system, where it has one (on Linux, the Secret Service)
    Keyring,
}

/// What can be done with profiles.
#[derive(Debug, Subcommand)]
pub enum Profiles {
    /// List them
    List,
    /// Add or replace one
    Add {
        /// Its name
        name: String,
        /// The server's URL
        url: String,
        /// Nothing is changed there with this profile
        #[arg(long)]
        read_only: bool,
    },
    /// Use one unless another is named
    Use {
        /// Its name
        name: String,
    },
    /// Remove one
    Remove {
        /// Its name
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[&str]) -> Action {
        let words = std::iter::once("signetctl").chain(line.iter().copied());
        match Arguments::try_parse_from(words).unwrap_or_else(|error| panic!("{line:?}: {error}")).command {
            Some(Command::Act(action)) => action,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_command_that_an_action_writes_is_that_action() {
        for line in [
            &["users", "list", "--filter=role:admin since:7d", "--sort=-created_at", "--limit=5"][..],
            &["users", "create", "a@example.com", "--role=a", "--role=b", "--username=-x", "--invite", "--verified"],
            &["users", "create", "a@example.com", "--set=given_name=\"Ann\"", "--attribute=team={\"id\": 7}"],
            &["users", "edit", "id", "--username=", "--roles=a,b", "--verified=false", "--if-match=\"3\""],
            &["users", "edit", "id", "--set=address={\"region\":null}", "--set=locale=null", "--attribute=a=\"b=c\""],
            &["users", "password", "id", "--password-stdin"],
            &["users", "delete", "--if-match=\"1\"", "--", "--all"],
            &["users", "import", "-", "--dry-run"],
            &["users", "export", "--hashes"],
            &["sessions", "revoke", "--filter=*", "--dry-run"],
            &["clients", "create", "--name=Shop", "--redirect-uri=https://a.example/", "--set=require_auth_time=true"],
            &["clients", "edit", "id", "--access-token-lifetime=default", "--scope=a b"],
            &["clients", "rotate-secret", "id", "--overlap=1h"],
            &["keys", "rotate", "--algorithm=EdDSA", "--force"],
            &["keys", "schedule", "--at=2026-12-01T03:00:00Z"],
            &["keys", "revoke", "--", "-begins-with-a-dash"],
            &["settings", "set", "--dry-run", "access_token_lifetime=10m", "registration_open=false"],
            &["settings", "restore", "3", "--if-match=\"7\""],
            &["audit", "tail", "--filter=type:login.* result:fail"],
            &["stats", "follow"],
            &["mail", "retry"],
            &["mail", "test", "a@example.com"],
            &["api-keys", "create", "deploy", "--permission=users:read", "--expires-at=2027-01-01T00:00:00Z"],
        ] {
            let action = parse(line);
            let written = action.argv();
            let again = parse(&written.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(again, action, "{line:?} → {written:?}");
            assert_eq!(again.call(Some("hidden")), action.call(Some("hidden")));
            assert!(!written.join(" ").contains("hidden"));
        }
    }
}
