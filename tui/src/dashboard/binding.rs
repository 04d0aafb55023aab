//! The one table of what keys do: dispatch, hints at the bottom, help, palette and the manual all read it.

use super::{key::Key, model::Screen};

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Show a screen.
    Go(Screen),
    /// The next screen, or the one before.
    Step(isize),
    /// To the screen of before.
    Back,
    /// And forward again.
    Forward,
    /// Look for a command.
    Palette,
    /// Type a filter.
    Filter,
    /// Sort otherwise.
    Sort,
    /// Look keys up.
    Help,
    /// Close what is open.
    Close,
    /// Move the focus.
    Move(isize),
    /// To the beginning.
    First,
    /// To the end.
    Last,
    /// Show everything about what is in focus.
    Open,
    /// Mark it.
    Mark,
    /// Copy its id.
    CopyValue,
    /// Copy the command that shows what is on the screen.
    CopyCommand,
    /// Read anew.
    Refresh,
    /// Let nothing move by itself.
    Pause,
    /// Hear the mouse, or leave it to the terminal.
    Mouse,
    /// Earlier settings.
    History,
    /// Write the log to a file.
    Export,
    /// Another profile.
    Profile,
    /// Sign out.
    SignOut,
    /// Unlock writes, or lock them.
    Unlock,
    /// Take back what was done last.
    Undo,
    /// Stop, as a shell's job.
    Suspend,
    /// End.
    Quit,
    /// Change something.
    Do(Verb),
}

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Make what the screen lists.
    Create,
    /// Change it.
    Edit,
    /// A user's roles.
    Roles,
    /// Take a user out of service, or put them back.
    Disable,
    /// Let a user's address count as confirmed.
    Verify,
    /// Mail a link to choose a password with.
    Invite,
    /// Mail a reset code.
    Reset,
    /// Set a temporary password.
    Password,
    /// End sessions.
    End,
    /// End every session that the filter finds.
    EndMatching,
    /// Remove for good.
    Delete,
    /// Let the next key sign, or give a client another secret.
    Rotate,
    /// Plan a rotation.
    Schedule,
    /// Rotate even if caches may lack the next key.
    Force,
    /// Take a key away.
    Revoke,
    /// Sign with another algorithm, too.
    Add,
    /// Sign with an algorithm no more.
    Drop,
    /// Set what was noted.
    Apply,
    /// Try waiting mail again.
    Retry,
    /// Send a mail to see whether it arrives.
    TestMail,
}

/// A key and what it does.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The keys.
    pub keys: &'static [Key],
    /// Its name in the palette.
    pub name: &'static str,
    /// What it does, in a word or two; at the bottom where there is room.
    pub hint: &'static str,
    /// On which screens; everywhere, if on none.
    pub screens: &'static [Screen],
    /// What it does.
    pub command: Command,
}

const LISTS: &[Screen] =
    &[Screen::Users, Screen::Sessions, Screen::Clients, Screen::Keys, Screen::Settings, Screen::Audit];
const FILTERED: &[Screen] = &[Screen::Users, Screen::Sessions, Screen::Clients, Screen::Audit];
const USERS: &[Screen] = &[Screen::Users];

macro_rules! bindings {
    ($($keys:expr, $name:literal, $hint:literal, $screens:expr, $command:expr;)+) => {
        /// All of them, those of the screens first.
        pub const BINDINGS: &[Binding] =
            &[$(Binding { keys: &$keys, name: $name, hint: $hint, screens: $screens, command: $command },)+];
    };
}

bindings! {
    [Key::Char('C')], "create", "create", &[Screen::Users, Screen::Clients], Command::Do(Verb::Create);
    [Key::Char('E')], "edit", "edit", &[Screen::Users, Screen::Clients, Screen::Settings], Command::Do(Verb::Edit);
    [Key::Char('D')], "disable or enable", "disable/enable", USERS, Command::Do(Verb::Disable);
    [Key::Char('X')], "end sessions", "end", &[Screen::Users, Screen::Sessions], Command::Do(Verb::End);
    [Key::Char('Z')], "delete", "delete", &[Screen::Users, Screen::Clients], Command::Do(Verb::Delete);
    [Key::Char('/')], "filter", "filter", FILTERED, Command::Filter;
    [Key::Char('R')], "roles", "roles", USERS, Command::Do(Verb::Roles);
    [Key::Char('V')], "verify email", "verify", USERS, Command::Do(Verb::Verify);
    [Key::Char('I')], "invite", "invite", USERS, Command::Do(Verb::Invite);
    [Key::Char('M')], "mail reset code", "mail reset", USERS, Command::Do(Verb::Reset);
    [Key::Char('P')], "temporary password", "password", USERS, Command::Do(Verb::Password);
    [Key::Char('A')], "end all that match", "end matching", &[Screen::Sessions], Command::Do(Verb::EndMatching);
    [Key::Char('R')], "rotate secret", "rotate secret", &[Screen::Clients], Command::Do(Verb::Rotate);
    [Key::Char('R')], "rotate key", "rotate", &[Screen::Keys], Command::Do(Verb::Rotate);
    [Key::Char('S')], "schedule rotation", "schedule", &[Screen::Keys], Command::Do(Verb::Schedule);
    [Key::Char('K')], "revoke key", "revoke", &[Screen::Keys], Command::Do(Verb::Revoke);
    [Key::Char('F')], "force rotation", "force", &[Screen::Keys], Command::Do(Verb::Force);
    [Key::Char('A')], "add algorithm", "add", &[Screen::Keys], Command::Do(Verb::Add);
    [Key::Char('X')], "drop algorithm", "drop", &[Screen::Keys], Command::Do(Verb::Drop);
    [Key::Char('A')], "apply new values", "apply", &[Screen::Settings], Command::Do(Verb::Apply);
    [Key::Char('h')], "history", "history", &[Screen::Settings], Command::History;
    [Key::Char('T')], "send test mail", "test mail", &[Screen::Overview], Command::Do(Verb::TestMail);
    [Key::Char('M')], "retry mail", "retry mail", &[Screen::Overview], Command::Do(Verb::Retry);
    [Key::Char('e')], "export", "export", &[Screen::Audit], Command::Export;
    [Key::Char('s')], "sort", "sort", USERS, Command::Sort;
    [Key::Char(' ')], "mark", "mark", &[Screen::Users, Screen::Sessions], Command::Mark;
    [Key::Enter], "open", "detail", LISTS, Command::Open;
    [Key::Char('j'), Key::Down], "down", "", LISTS, Command::Move(1);
    [Key::Char('k'), Key::Up], "up", "", LISTS, Command::Move(-1);
    [Key::PageDown, Key::Ctrl('f')], "page down", "", LISTS, Command::Move(20);
    [Key::PageUp, Key::Ctrl('b')], "page up", "", LISTS, Command::Move(-20);
    [Key::Char('g'), Key::Home], "first", "", LISTS, Command::First;
    [Key::Char('G'), Key::End], "last", "", LISTS, Command::Last;
    [Key::Char('y')], "copy id", "", LISTS, Command::CopyValue;
    [Key::Char('Y')], "copy command", "", &[], Command::CopyCommand;
    [Key::Char('W')], "unlock or lock writes", "unlock", &[], Command::Unlock;
    [Key::Char('u')], "undo", "", &[], Command::Undo;
    [Key::Char('r')], "refresh", "", &[], Command::Refresh;
    [Key::Char('p')], "pause", "", &[], Command::Pause;
    [Key::Char('m')], "mouse", "", &[], Command::Mouse;
    [Key::Char(':')], "palette", "palette", &[], Command::Palette;
    [Key::Char('?')], "help", "help", &[], Command::Help;
    [Key::Esc], "close", "", &[], Command::Close;
    [Key::Char('1')], "overview", "", &[], Command::Go(Screen::Overview);
    [Key::Char('2')], "users", "", &[], Command::Go(Screen::Users);
    [Key::Char('3')], "sessions", "", &[], Command::Go(Screen::Sessions);
    [Key::Char('4')], "clients", "", &[], Command::Go(Screen::Clients);
    [Key::Char('5')], "keys", "", &[], Command::Go(Screen::Keys);
    [Key::Char('6')], "settings", "", &[], Command::Go(Screen::Settings);
    [Key::Char('7')], "audit", "", &[], Command::Go(Screen::Audit);
    [Key::Tab], "next screen", "", &[], Command::Step(1);
    [Key::BackTab], "screen before", "", &[], Command::Step(-1);
    [Key::Char('[')], "back", "", &[], Command::Back;
    [Key::Char(']')], "forward", "", &[], Command::Forward;
    [Key::Char('@')], "switch profile", "", &[], Command::Profile;
    [Key::Ctrl('d')], "sign out", "", &[], Command::SignOut;
    [Key::Ctrl('z')], "suspend", "", &[], Command::Suspend;
    [Key::Char('q'), Key::Ctrl('c')], "quit", "quit", &[], Command::Quit;
}

impl Binding {
    /// Whether it holds on this screen.
    pub fn holds_on(&self, screen: Screen) -> bool {
        self.screens.is_empty() || self.screens.contains(&screen)
    }

    /// Whether it changes anything.
    pub fn mutates(&self) -> bool {
        matches!(self.command, Command::Do(_))
    }
}

/// What a key does on a screen.
pub fn find(key: Key, screen: Screen) -> Option<&'static Binding> {
    BINDINGS.iter().find(|binding| binding.keys.contains(&key) && binding.holds_on(screen))
}

/// What goes by a name like this on a screen, the best first: an exact name, then a beginning, then a part.
pub fn search(query: &str, screen: Screen) -> Vec<&'static Binding> {
    let query = query.trim().to_lowercase();
    let rank = |binding: &Binding| {
        let name = binding.name;
        match () {
            () if name == query => Some(0),
            () if name.starts_with(&query) => Some(1),
            () if name.contains(&query) => Some(2),
            () => None,
        }
    };
    let here = BINDINGS.iter().filter(|binding| binding.holds_on(screen));
    let mut found: Vec<_> = here.filter_map(|binding| Some((rank(binding)?, binding))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, binding)| binding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things_on_one_screen() {
        for screen in Screen::ALL {
            let mut seen = std::collections::HashSet::new();
            for binding in BINDINGS.iter().filter(|binding| binding.holds_on(screen)) {
                for key in binding.keys {
                    assert!(seen.insert(*key), "{key} on {screen:?}");
                }
            }
        }
    }

    #[test]
    fn what_changes_something_has_an_upper_case_key() {
        for binding in BINDINGS.iter().filter(|binding| binding.mutates()) {
            assert!(matches!(binding.keys, [Key::Char('A'..='Z')]), "{}", binding.name);
        }
    }

    #[test]
    fn an_exact_name_wins_in_the_palette() {
        assert_eq!(search("users", Screen::Overview)[0].command, Command::Go(Screen::Users));
        assert_eq!(search("rot", Screen::Keys)[0].name, "rotate key");
        assert!(search("rotate", Screen::Users).is_empty());
        assert!(search("", Screen::Users).len() > 20);
    }
}
