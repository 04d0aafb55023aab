//! How the dashboard treats the terminal it is on: any size, any name, and left as it was found.

use serde_json::json;

use crate::harness::{CTRL_Z, ENTER, ProgramBuilder, Screen, until};

#[tokio::test]
async fn a_storm_of_sizes_while_events_come_leaves_a_whole_screen() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let terminal = program.signed_in().await;
    let mut screen = terminal.dashboard(100, 30);
    screen.until(|text| text.contains("live")).await;
    screen.press("7").until(|text| text.contains("login.ok")).await;
    for step in 0..240 {
        // All widths up to 200 and heights up to 50, in no order.
        screen.resize(1 + step * 71 % 200, 1 + step * 29 % 50);
        if step % 4 == 0 {
            program.try_login(&format!("nobody{step}@example.com"), "wrong password").await;
        }
    }
    for (columns, rows) in [(200, 50), (1, 1), (100, 30)] {
        screen.resize(columns, rows);
    }
    screen.press("r").until(is_whole).await;
    screen.press("q");
    assert_eq!(screen.ended().await, 0);
}

/// The audit screen from its head to its foot, with failures in between, in line.
fn is_whole(text: &str) -> bool {
    let is_of = |line: Option<&str>, word: &str| line.is_some_and(|line| line.contains(word));
    let places = text.lines().filter_map(|line| Some(line.split_once("login.fail")?.0.chars().count()));
    let places: Vec<_> = places.collect();
    is_of(text.lines().next(), "Audit")
        && is_of(text.lines().last(), "quit")
        && places.len() > 12
        && places.iter().all(|place| *place == places[0])
}

#[tokio::test]
async fn the_terminal_is_left_as_it_was_found_however_the_dashboard_ends() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let terminal = program.signed_in().await;
    let shell = terminal.shell(100, 30);
    shell.until_prompt().await;
    let found = shell.condition();
    assert!(found.line_settings.contains("ICANON") && found.line_settings.contains("ECHO |"), "{found:?}");
    for end in ["q", "TERM", "HUP", "INT"] {
        start(&shell, "signetctl").await;
        let taken = shell.condition();
        assert!(taken.alternate_screen && taken.line_settings != found.line_settings, "{taken:?}");
        match end {
            "q" => _ = shell.press("q"),
            signal => shell.signal(signal).await,
        }
        let text = shell.until_prompt().await;
        assert_eq!(shell.condition(), found, "{end}: {text}");
        assert!(!text.contains("Overview"), "{end}: what was there before is back: {text}");
    }
}

/// Tells this test that it is the program that panics, and not the one that looks at it.
const PANICS: &str = "SIGNET_TEST_PANICS";

/// A program that has taken the terminal over as the dashboard does, and panics: this test, run once more.
#[tokio::test]
async fn a_panic_gives_the_terminal_back_before_it_tells_of_itself() {
    if std::env::var_os(PANICS).is_some() {
        let _screen = signet_tui::dashboard::terminal::Screen::enter().unwrap();
        panic!("the sky fell");
    }
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let terminal = program.signed_in().await;
    let shell = terminal.shell(100, 30);
    shell.until_prompt().await;
    let found = shell.condition();
    let itself = std::env::current_exe().unwrap();
    let name = "dashboard_manners::a_panic_gives_the_terminal_back_before_it_tells_of_itself";
    shell.press(&format!("clear; {PANICS}=1 {} --exact {name} --nocapture; echo its end{ENTER}", itself.display()));
    let text = shell.until(|text| text.contains("its end\n") && text.trim_end().ends_with('>')).await;
    assert!(text.contains("the sky fell"), "{text}");
    assert_eq!(shell.condition(), found, "{text}");
}

#[tokio::test]
async fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_again() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let terminal = program.signed_in().await;
    let shell = terminal.shell(100, 30);
    shell.until_prompt().await;
    let found = shell.condition();
    start(&shell, "signetctl").await;
    let taken = shell.condition();
    for _ in 0..2 {
        shell.press(CTRL_Z);
        let text = shell.until_prompt().await;
        assert_eq!(shell.condition(), found, "{text}");
        assert!(text.contains("Stopped"), "{text}");
        start(&shell, "fg").await;
        assert_eq!(shell.condition(), taken);
    }
    shell.press("2").until(|text| text.contains("root@example.com")).await;
    shell.press("q").until_prompt().await;
    assert_eq!(shell.condition(), found);
}

/// Types a command that brings the dashboard up, and waits until it is.
async fn start(shell: &Screen, command: &str) {
    shell.press(command).press(ENTER);
    shell.until(|text| text.contains("Overview") && text.contains("quit")).await;
    // The last of a frame.
    until(|| async { shell.condition().cursor_hidden.then_some(()) }).await;
}

/// What nobody may do to a terminal: another colour, by a sequence of seven or of eight bits.
const PINK: [&str; 2] = ["\u{1b}[48;5;201mpink", "\u{9b}48;5;201mpink"];

#[tokio::test]
async fn names_in_any_script_keep_columns_in_line_and_colours_as_they_are() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let names = ["Ann", "你好世界", "你好世界你好世界你好世界", "😀 Bob 😀", "e\u{301}clair", "مرحبا", "ก็ดี", "🇩🇪"];
    for (number, name) in names.iter().chain(&PINK).enumerate() {
        let user = json!({"email": format!("user{number}@example.com"), "username": name});
        let client = json!({"client_name": name, "redirect_uris": ["https://a.example/"]});
        let expected = if PINK.contains(name) { 422 } else { 201 };
        assert_eq!(admin.post("users", user).await.status, expected, "{name}");
        assert_eq!(admin.post("clients", client).await.status, expected, "{name}");
    }
    for name in ["\u{202e}desrever", "\u{2066}\u{200b}\u{feff}hidden\u{2069}"] {
        let client = json!({"client_name": name, "redirect_uris": ["https://a.example/"]});
        assert_eq!(admin.post("clients", client).await.status, 201, "{name:?}");
    }
    let terminal = program.signed_in().await;
    let screen = terminal.dashboard(100, 30);
    screen.until(|text| text.contains("live")).await;
    for (key, told, rows) in [("2", "unverified", names.len()), ("4", "client_secret_basic", names.len() + 2)] {
        let text = screen.press(key).until(|text| text.matches(told).count() == rows).await;
        let columns = columns_of(&screen, told);
        assert!(columns.len() == rows && columns.iter().all(|column| *column == columns[0]), "{columns:?}: {text}");
        assert!(
            text.contains("你好世界") && !text.contains(['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}']),
            "{text}"
        );
        assert!(has_sixteen_colours(&screen.picture()), "{text}");
    }
}

/// At which columns a text begins, of all rows.
fn columns_of(screen: &Screen, text: &str) -> Vec<u16> {
    let picture = screen.picture();
    let width = picture.size().1.get();
    let begins = |column| picture.rows(column, width - column).filter(|rest| rest.starts_with(text)).count();
    (0..width).flat_map(|column| std::iter::repeat_n(column, begins(column))).collect()
}

/// Whether there is none but the sixteen that the owner of the terminal chose.
fn has_sixteen_colours(picture: &vt100::Screen) -> bool {
    let (rows, columns) = picture.size();
    let places = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
    let cells = places.filter_map(|(row, column)| picture.cell(row, column));
    let mut colours = cells.flat_map(|cell| [cell.fgcolor(), cell.bgcolor()]);
    colours.all(|colour| matches!(colour, vt100::Color::Default | vt100::Color::Idx(..16)))
}
