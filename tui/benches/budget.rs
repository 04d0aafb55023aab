//! What the dashboard costs with ten thousand users and ten thousand events: from a key to its frame, drawing alone, memory,
//! and, for a minute each, a dashboard that is paused and one that is live.
//!
//! `cargo bench -p signet-tui` measures the first three; `cargo bench -p signet-tui -- live` takes two minutes more.

// What cannot be measured ends the measurement.
#![allow(clippy::unwrap_used)]

use std::{
    hint::black_box,
    io::{self, Write},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, ready},
    stream,
};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};
use serde_json::json;
use signet_tui::{
    api::{Answer, ApiError},
    call::Call,
    dashboard::{
        key::Key,
        message::{Effect, Msg, Secret, SignIn, Stream},
        model::{Known, Model, Screen, Who},
        remote::Remote,
        runtime::{Shell, run},
        theme::{Palette, Theme},
        update::{begin, update},
        view::view,
    },
};
use tokio::sync::mpsc::UnboundedSender;

#[path = "../tests/dashboard/company.rs"]
mod company;

const SIZE: (u16, u16) = (200, 50);
const MANY: usize = 10_000;
const KEYS: usize = 20_000;

/// Counts what a terminal would be sent.
#[derive(Clone, Default)]
struct Sink {
    flushes: Arc<AtomicUsize>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        black_box(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushes.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

fn terminal(sink: Sink) -> Terminal<CrosstermBackend<Sink>> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1));
    Terminal::with_options(CrosstermBackend::new(sink), TerminalOptions { viewport }).unwrap()
}

/// The page behind a cursor: a hundred of ten thousand.
fn page(call: &Call) -> serde_json::Value {
    let cursor = call.query.iter().find(|(name, _)| *name == "cursor").map_or("0", |(_, value)| value);
    let from: usize = cursor.parse().unwrap();
    let mut answer = company::answer(&call.path);
    if !matches!(call.path.as_str(), "users" | "audit") {
        return answer;
    }
    let one = answer["items"][0].clone();
    let item = |number: usize| {
        let mut item = one.clone();
        item["id"] = json!(format!("{number:08}"));
        if call.path == "users" {
            item["email"] = json!(format!("user{number}@example.com"));
        }
        item
    };
    answer["items"] = (from..from + 100).map(item).collect();
    answer["next_cursor"] = if from + 100 < MANY { json!((from + 100).to_string()) } else { json!(null) };
    answer
}

fn carry_out(model: &mut Model, mut effects: Vec<Effect>) {
    while let Some(effect) = effects.pop() {
        if let Effect::Send(ticket, call) = effect {
            let answer = Answer { etag: None, json: page(&call) };
            effects.extend(update(model, Msg::Answered(ticket, Ok(answer)), Duration::ZERO));
        }
    }
}

fn press(model: &mut Model, key: Key) {
    let effects = update(model, Msg::Key(key), Duration::ZERO);
    carry_out(model, effects);
}

fn who() -> Who {
    let caller = Known::As("root@example.com".into());
    Who { server: "https://id.example.com/".into(), caller, ..Who::default() }
}

/// A dashboard that has read all of them.
fn filled() -> Model {
    let mut model = Model::new(who(), company::CLOCK);
    let effects = begin(&mut model);
    carry_out(&mut model, effects);
    for screen in ['2', '7'] {
        press(&mut model, Key::Char(screen));
        for _ in 0..MANY / 100 {
            press(&mut model, Key::Char('G'));
        }
        press(&mut model, Key::Char('g'));
    }
    assert_eq!((model.users.items.len(), model.audit.items.len()), (MANY, MANY));
    model
}

/// The values below which half, 99 of 100 and all of them lie.
fn told(out: &mut impl Write, what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let (half, most, all) = (at(0.5), at(0.99), at(1.0));
    writeln!(out, "{what:<34} p50 {half:>7.3} ms   p99 {most:>7.3} ms   max {all:>7.3} ms").unwrap();
}

fn keys(out: &mut impl Write, model: &mut Model) {
    let cycle: Vec<_> = "jjjjkjGgk".chars().map(Key::Char).chain([Key::PageDown, Key::PageUp, Key::Enter]).collect();
    let mut terminal = terminal(Sink::default());
    let theme = Theme::new(Palette::Dark);
    for (screen, name) in [('2', "users"), ('7', "audit")] {
        model.screen = if screen == '2' { Screen::Users } else { Screen::Audit };
        let (mut whole, mut drawn) = (Vec::with_capacity(KEYS), Vec::with_capacity(KEYS));
        for key in cycle.iter().cycle().take(KEYS) {
            let begun = Instant::now();
            black_box(update(model, Msg::Key(*key), Duration::ZERO));
            let updated = Instant::now();
            terminal.draw(|frame| view(model, theme, frame)).unwrap();
            drawn.push(updated.elapsed());
            whole.push(begun.elapsed());
        }
        told(out, &format!("{name}: key to frame, {}×{}", SIZE.0, SIZE.1), whole);
        told(out, &format!("{name}: drawing alone"), drawn);
    }
}

fn events(out: &mut impl Write, model: &mut Model) {
    let mut times = Vec::with_capacity(1_000);
    for number in 0..1_000 {
        let event = company::event(&format!("n{number}"), "login.ok", "ok");
        let begun = Instant::now();
        update(model, Msg::Streamed(Stream::Audit, event), Duration::ZERO);
        times.push(begun.elapsed());
    }
    told(out, "an event into a log of 10,000", times);
}

/// A line of `/proc/self/status`, or of what the kernel tells of processor time, where there is one.
fn memory(name: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with(name)).unwrap_or("unknown").to_owned()
}

/// Ticks of 10 ms that this process has used.
fn processor() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12].iter().filter_map(|index| fields.get(*index)?.parse::<u64>().ok()).sum()
}

/// Answers at once, and tells counts every five seconds and an event every second.
struct Live;

impl Remote for Live {
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        ready(Ok(Answer { etag: None, json: page(&call) })).boxed()
    }

    fn unlock(&self, _: Secret) -> BoxFuture<'_, Result<Answer, ApiError>> {
        ready(Ok(Answer { etag: None, json: json!(null) })).boxed()
    }

    fn sign_in(&self, _: SignIn) -> BoxFuture<'_, Result<Answer, ApiError>> {
        ready(Ok(Answer { etag: None, json: json!(null) })).boxed()
    }

    fn sign_out(&self) -> BoxFuture<'_, Result<Answer, ApiError>> {
        ready(Ok(Answer { etag: None, json: json!(null) })).boxed()
    }

    fn export(&self, _: Call, _: PathBuf) -> BoxFuture<'_, Result<Answer, ApiError>> {
        ready(Ok(Answer { etag: None, json: json!(0) })).boxed()
    }

    fn follow(self: Arc<Self>, stream: Stream, tell: UnboundedSender<Msg>) -> BoxFuture<'static, ()> {
        let pause = Duration::from_secs(if stream == Stream::Stats { 5 } else { 1 });
        async move {
            for number in 0.. {
                let value = match stream {
                    Stream::Stats => company::answer("stats"),
                    Stream::Audit => company::event(&format!("live{number}"), "login.ok", "ok"),
                };
                if tell.send(Msg::Streamed(stream, value)).is_err() {
                    return;
                }
                tokio::time::sleep(pause).await;
            }
        }
        .boxed()
    }
}

struct Nothing;

impl Shell for Nothing {
    fn copy(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn mouse(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }

    fn suspend(&mut self, _: bool) -> io::Result<bool> {
        Ok(true)
    }
}

/// A minute of a dashboard that nobody touches: how often it was drawn, and the share of a processor that it took.
fn minute(out: &mut impl Write, what: &str, paused: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut model = filled();
    model.paused = paused;
    let sink = Sink::default();
    let mut terminal = terminal(sink.clone());
    let begun = processor();
    runtime.block_on(async {
        let input = stream::pending::<io::Result<crossterm::event::Event>>();
        let input = Box::pin(input.take_until(tokio::time::sleep(Duration::from_secs(60))));
        let (mut shell, theme) = (Nothing, Theme::new(Palette::Dark));
        let shown = run(&mut model, &mut terminal, input, Arc::new(Live), &mut shell, theme);
        // What comes up at first is not counted.
        let settled = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            sink.flushes.store(0, Ordering::Relaxed);
        };
        futures_util::join!(shown, settled).0.unwrap();
    });
    let share = (processor() - begun) as f64 / 60.0;
    let flushes = sink.flushes.load(Ordering::Relaxed);
    writeln!(out, "{what:<34} {flushes} flushes in 59 s   {share:.2} % of a core").unwrap();
}

fn main() {
    let mut out = io::stdout().lock();
    let mut model = filled();
    writeln!(out, "{:<34} {}", "both lists filled", memory("VmRSS")).unwrap();
    keys(&mut out, &mut model);
    events(&mut out, &mut model);
    if std::env::args().any(|argument| argument == "live") {
        minute(&mut out, "paused", true);
        minute(&mut out, "live, an event a second", false);
    }
    writeln!(out, "{:<34} {}", "at the end", memory("VmHWM")).unwrap();
}
