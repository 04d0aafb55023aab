//! Doing what the command line says.

use std::{
    io::{self, IsTerminal, Write},
    sync::Arc,
    time::Duration,
};

use clap::CommandFactory;
use serde_json::Value;

use super::{
    Arguments, Command, Global,
    account::{self, Environment, Place, Way, read_secret},
    confirm::confirm,
    keys,
    transfer::download,
};
use crate::{
    actions::{Action, Answer, Tier, UserAction},
    api::{Api, ApiError, Events},
    call::Call,
    dashboard::{runtime::End, theme::Theme},
    exit::Exit,
    output::{self, Format},
    text::plain,
};

/// So much is shown of what somebody quicker has left, in characters.
const MOST_SHOWN: usize = 500;
/// How long a server may take to end a session when the dashboard is left; it ends by itself when its time is over.
const FAREWELL: Duration = Duration::from_secs(3);
/// Between two tries at a stream that broke off.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(15)];

/// Does it, and says what the program ends with.
pub async fn run(arguments: Arguments) -> Exit {
    let Arguments { global, look, command } = arguments;
    let Some(command) = command else { return ended(dashboard(&global, look.theme()).await) };
    let done = match command {
        Command::Act(action) => act(&global, action).await,
        Command::Login { email, password_stdin, device, store } => {
            let way = if device { Way::Device } else { Way::Password { email, from_stdin: password_stdin } };
            account::login(&global, way, store).await.and_then(|text| say(&text))
        }
        Command::Logout => account::logout(&global).await.and_then(|text| say(&text)),
        Command::Whoami => whoami(&global).await,
        Command::Profiles(command) => account::profiles(&global, &command).and_then(|text| say(&text)),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "signetctl", &mut script);
            io::stdout().write_all(&script).map_err(unwritten)
        }
        Command::Man => manual(&mut io::stdout()).map_err(unwritten),
    };
    ended(done)
}

fn manual(out: &mut impl Write) -> io::Result<()> {
    clap_mangen::Man::new(Arguments::command()).render(out)?;
    keys::manual(out)
}

fn ended(done: Result<(), ApiError>) -> Exit {
    match done {
        Ok(()) => Exit::Ok,
        // A reader of ours that has seen enough.
        Err(ApiError { exit: Exit::Ok, .. }) => Exit::Ok,
        Err(error) => {
            tell(&error);
            error.exit
        }
    }
}

async fn dashboard(global: &Global, theme: Theme) -> Result<(), ApiError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(ApiError::usage("the dashboard needs a terminal; name a command, or see --help"));
    }
    let mut global = global.clone();
    // A key or a token of the environment is for the server that the program was started for, and for no other.
    let mut own = Environment::Heard;
    loop {
        let place = Place::find(&global)?;
        let (server, who) = place.enter(own).await?;
        let server = Arc::new(server);
        let ended = crate::dashboard::show(Arc::clone(&server), who, theme).await;
        // A session that nobody can take up again is not left behind.
        let _ = tokio::time::timeout(FAREWELL, server.api.close()).await;
        match ended.map_err(unwritten)? {
            End::Quit => return Ok(()),
            End::Switch(profile) => {
                own = Environment::Ignored;
                global = Global { server: None, profile: Some(profile), ..global };
            }
        }
    }
}

fn tell(error: &ApiError) {
    let mut stderr = io::stderr();
    let _ = writeln!(stderr, "signetctl: {}", plain(&error.message));
    if let Some(current) = &error.current {
        let shown: String = plain(&current.to_string()).chars().take(MOST_SHOWN).collect();
        let _ = writeln!(stderr, "what is there now: {shown}");
    }
}

fn unwritten(error: io::Error) -> ApiError {
    ApiError::output(&error)
}

fn say(text: &str) -> Result<(), ApiError> {
    writeln!(io::stdout(), "{text}").map_err(unwritten)
}

async fn act(global: &Global, action: Action) -> Result<(), ApiError> {
    let place = Place::find(global)?;
    if place.read_only && action.tier() > Tier::Read {
        return Err(ApiError::usage("this profile is read-only; nothing was changed"));
    }
    confirm(&action, global.yes)?;
    let secret = if action.wants_secret() { Some(read_secret()?) } else { None };
    let caller = place.caller(Environment::Heard).await?;
    let api = Api::new(place.server, caller)?;
    let action = with_id(&api, action).await?;
    let call = action.call(secret.as_ref().map(|secret| secret.as_str()));
    match action.answer() {
        Answer::List(columns) => list(&api, &action, call, columns, global.output).await,
        Answer::One => {
            let answer = api.send(&call).await?.json;
            output::one(&mut io::stdout().lock(), global.output, &answer).map_err(unwritten)?;
            whole(&answer)
        }
        Answer::Done => {
            api.send(&call).await?;
            if io::stdout().is_terminal() { say("done") } else { Ok(()) }
        }
        Answer::Lines => download(&api, &call, None).await,
        Answer::Stream => follow(&api, &call, global.output).await,
    }
}

/// An import of which lines were refused, or that ended early, is no success.
fn whole(answer: &Value) -> Result<(), ApiError> {
    let refused = answer["refused"].as_u64().unwrap_or(0);
    let message = match answer["stopped"].as_str() {
        Some(reason) => format!("it ended before the last line: {reason}"),
        None if refused > 0 => format!("{refused} lines were refused"),
        None => return Ok(()),
    };
    Err(ApiError { exit: Exit::Refused, code: "refused".to_owned(), message, current: None })
}

/// Users are named by their address as well.
async fn with_id(api: &Api, action: Action) -> Result<Action, ApiError> {
    let Action::Users(user) = &action else { return Ok(action) };
    let Some(email) = user.subject().filter(|subject| subject.contains('@')) else { return Ok(action) };
    let filter = format!("email:\"{}\"", email.replace('"', ""));
    let call = Call::get("users").with("filter", Some(filter)).with("sort", Some("email")).with("limit", Some(1));
    let found = api.send(&call).await?.json["items"][0].clone();
    let is_theirs = found["email"].as_str().is_some_and(|theirs| theirs.eq_ignore_ascii_case(email));
    match found["id"].as_str().filter(|_| is_theirs) {
        Some(id) => Ok(Action::Users(named(user.clone(), id))),
        None => Err(ApiError {
            exit: Exit::NotFound,
            code: "not_found".to_owned(),
            message: format!("there is no user {email}"),
            current: None,
        }),
    }
}

fn named(mut action: UserAction, user: &str) -> UserAction {
    match &mut action {
        UserAction::List { .. } | UserAction::Create { .. } | UserAction::Import { .. } | UserAction::Export { .. } => {
        }
        UserAction::Get { id }
        | UserAction::Edit { id, .. }
        | UserAction::Disable { id, .. }
        | UserAction::Enable { id, .. }
        | UserAction::Verify { id, .. }
        | UserAction::Password { id, .. }
        | UserAction::Reset { id }
        | UserAction::Invite { id }
        | UserAction::EndSessions { id, .. }
        | UserAction::Delete { id, .. } => *id = user.to_owned(),
    }
    action
}

/// A page, or, with `--all`, page after page.
async fn list(api: &Api, action: &Action, mut call: Call, columns: &[&str], format: Format) -> Result<(), ApiError> {
    let all = action.argv().iter().any(|word| word == "--all");
    let mut items = Vec::new();
    loop {
        let page = api.send(&call).await?.json;
        // Settings are a list under a name of its own.
        let found = page.get("items").or_else(|| page.get("settings")).and_then(Value::as_array);
        items.extend(found.cloned().unwrap_or_default());
        let next = page["next_cursor"].as_str();
        let Some(next) = next.filter(|_| all) else {
            output::list(&mut io::stdout().lock(), format, columns, &items).map_err(unwritten)?;
            if let Some(next) = next
                && format == Format::Table
            {
                let _ = writeln!(io::stderr(), "there is more: --cursor={next}, or --all");
            }
            return Ok(());
        };
        call = call.from_cursor(next);
    }
}

/// Prints events until it is interrupted. A stream that ends is taken up where it was.
async fn follow(api: &Api, call: &Call, format: Format) -> Result<(), ApiError> {
    let mut last = None;
    let mut failures = 0;
    loop {
        let ended = match api.open(call, last.as_deref()).await {
            Ok(response) => {
                failures = 0;
                print_events(Events::new(response), format, &mut last).await
            }
            Err(error) => Err(error),
        };
        match ended {
            Err(error) if error.exit != Exit::Network => return Err(error),
            Err(error) if failures == 0 => tell(&error),
            _ => {}
        }
        tokio::time::sleep(PAUSES[failures.min(PAUSES.len() - 1)]).await;
        failures += 1;
    }
}

async fn print_events(mut events: Events, format: Format, last: &mut Option<String>) -> Result<(), ApiError> {
    while let Some(event) = events.next().await? {
        if event.id.is_some() {
            *last = event.id;
        }
        let value: Value = serde_json::from_str(&event.data).unwrap_or(Value::String(event.data));
        let line = match (format, value["type"].as_str()) {
            (Format::Table, Some(kind)) => {
                let member = |name: &str| plain(value[name].as_str().unwrap_or("-")).into_owned();
                let [time, result, actor] = ["time", "result", "actor"].map(member);
                let [subject, ip] = ["subject", "ip"].map(member);
                format!("{time}  {}  {result}  {actor}  {subject}  {ip}", plain(kind))
            }
            _ => value.to_string(),
        };
        writeln!(io::stdout(), "{line}").map_err(unwritten)?;
    }
    Ok(())
}

async fn whoami(global: &Global) -> Result<(), ApiError> {
    let place = Place::find(global)?;
    let caller = place.caller(Environment::Heard).await?;
    let who = caller.email().map(str::to_owned);
    let api = Api::new(place.server.clone(), caller)?;
    let stats = api.send(&Call::get("stats")).await?.json;
    let answer = serde_json::json!({
        "server": place.server.as_str(),
        "signed_in_as": who,
        "read_only": place.read_only,
        "server_started_at": stats["started_at"],
    });
    output::one(&mut io::stdout().lock(), global.output, &answer).map_err(unwritten)
}
