//! Through the screens, with a picture of each.

use std::time::Duration;

use crate::{
    harness::{CTRL_U, ENTER, ESC, PASSWORD, Program, Screen},
    svg::{DARK, LIGHT, Palette, draw},
};

/// Longer than a frame that has begun takes to end.
const GLANCE: Duration = Duration::from_millis(300);
/// Longer than it waits until it draws what has changed by itself: a question that takes keys now.
const LOOK: Duration = Duration::from_millis(1_500);

/// What is seen on the way.
struct Stop {
    name: &'static str,
    /// The keys that lead there, from the stop before.
    keys: &'static [&'static str],
    /// A word that is seen there.
    shows: &'static str,
}

const fn stop(name: &'static str, keys: &'static [&'static str], shows: &'static str) -> Stop {
    Stop { name, keys, shows }
}

const STOPS: [Stop; 12] = [
    stop("overview", &[], "refreshes"),
    stop("users", &["2", "j", "j", ENTER], "さくら"),
    stop("sessions", &["3", "j", "j"], "198.51.100.77"),
    stop("clients", &["4"], "shop.example.com"),
    stop("keys", &["5"], "retired"),
    stop("audit", &["7"], "login.fail"),
    stop("help", &["2", "?"], "disable"),
    stop("palette", &[ESC, ":", "ses"], "sessions"),
    stop("settings", &[ESC, "W", PASSWORD, ENTER, "6"], "unlocked"),
    stop("review", &["E", CTRL_U, "5m", ENTER], "Cancel"),
    stop("client-form", &[ESC, "4", "C", "Wiki", ENTER, "http://wiki.example.com/cb"], "this must be https"),
    stop("confirm", &[ESC, "2", "j", "D"], "Cancel"),
];

/// Names and pictures of all stops, then some of another kind.
pub async fn go(program: &Program) -> Vec<(String, String)> {
    let terminal = program.signed_in().await;
    let screen = terminal.dashboard(100, 30);
    let mut pictures = Vec::new();
    screen.until(|text| text.contains("live")).await;
    for stop in &STOPS {
        visit(&screen, stop).await;
        pictures.push((stop.name.to_owned(), picture(&screen, &DARK, stop.name)));
    }
    let light = Screen::open(&terminal.command(&["--theme", "light"]), 100, 30);
    light.until(|text| text.contains("live")).await;
    visit(&light, &STOPS[1]).await;
    pictures.push(("users-light".to_owned(), picture(&light, &LIGHT, "users")));
    let small = terminal.dashboard(80, 24);
    small.until(|text| text.contains("live")).await;
    visit(&small, &stop("users", &["2"], "@example.com")).await;
    pictures.push(("users-80x24".to_owned(), picture(&small, &DARK, "users")));
    pictures
}

/// Presses the keys one after the other, as somebody does who looks what each of them does.
async fn visit(screen: &Screen, stop: &Stop) {
    for keys in stop.keys {
        let before = screen.text();
        screen.press(keys).until(|text| text != before).await;
        tokio::time::sleep(GLANCE).await;
    }
    tokio::time::sleep(LOOK).await;
    screen.until(|text| text.contains(stop.shows)).await;
}

fn picture(screen: &Screen, palette: &Palette, name: &str) -> String {
    draw(&screen.picture(), palette, &format!("signetctl: {name}"))
}
