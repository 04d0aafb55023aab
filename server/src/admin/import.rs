//! Users from elsewhere, with the passwords they have: one JSON object a line.
//!
//! Lines are taken over one by one, some hundred in a transaction: what is wrong with one is told and concerns no other.
//! Whoever sends the same lines again finds those that are there refused as taken.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use salvo::{
    Writer,
    oapi::{ToParameters, endpoint},
    writing::Json,
};
use serde::Deserialize;
use serde_json::json;
use signet_shared::{
    UserId,
    admin::{ImportReport, LineRefusal, Permission, Resource, UserLine},
};

use super::{
    demand_recent_login, is_privileged,
    live::Watch,
    protected,
    users::{names, read_roles},
};
use crate::{
    account::person::{amend_attributes, check_profile},
    app::{App, Shared},
    error::{FieldError, Problem, Refusal},
    http::{
        body,
        gate::Caller,
        lines::{Line, Lines},
        query::Query,
    },
    model::{
        actor::{Actor, Role},
        audit::{Event, EventType},
        password::HashedPassword,
        transfer::ImportedUser,
        user::{Attributes, Credential, NewUser},
    },
    password::ForeignHash,
};

/// Users in one transaction.
const BATCH: usize = 500;
/// The most lines of one import.
const MAX_LINES: u64 = 1_000_000;
/// The most lines whose refusal is told one by one.
const MAX_REFUSALS: usize = 100_000;

/// How an import is meant.
#[derive(Deserialize, ToParameters)]
#[serde(deny_unknown_fields)]
#[salvo(parameters(default_parameter_in = Query))]
pub(super) struct ImportQuery {
    /// `true` checks every line, and imports none.
    #[serde(default)]
    dry_run: bool,
}

/// Import users
///
/// One JSON object a line, up to a million. A hash of another system is verified at its owner's first login, and made anew.
/// Each line stands for itself: the answer tells which were refused, and why. Lines whose user is there already are among
/// them, so that an import that was broken off can be sent again.
#[endpoint(tags("Admin: users"))]
pub(super) async fn import_users(
    app: Shared,
    caller: Caller,
    query: Query<ImportQuery>,
    mut lines: Lines<UserLine>,
) -> Result<Json<ImportReport>, Problem> {
    let busy = || Refusal::NotNow("another import is under way on this node; wait until it is done".into());
    let _place = app.imports.try_acquire().map_err(|_| busy())?;
    let mut watch = Watch::begin(app.handle(), caller.0.clone(), Permission::write(Resource::Users))?;
    let mut import = Import::new(&app, &caller.0, query.0.dry_run);
    if let Err(reason) = import.run(&mut lines, &mut watch).await {
        tracing::warn!(reason = reason.message(), "an import ended before its last line");
        import.report.stopped = Some(reason.message());
    }
    import.report.refusals.sort_by_key(|refusal| refusal.line);
    Ok(Json(import.report))
}

/// A user of a line.
struct Candidate {
    line: u64,
    user: ImportedUser,
    /// What they are known by, each with its field: of the id only where the line told one.
    keys: Vec<(&'static str, String)>,
}

/// An import under way.
struct Import<'a> {
    app: &'a App,
    caller: &'a Actor,
    may_crown: bool,
    report: ImportReport,
    batch: Vec<Candidate>,
    /// What those of before are known by: of this batch, or, as nothing is written, of the dry run so far.
    known: HashSet<String>,
}

impl<'a> Import<'a> {
    fn new(app: &'a App, caller: &'a Actor, dry_run: bool) -> Self {
        let report = ImportReport { dry_run, lines: 0, imported: 0, refused: 0, refusals: Vec::new(), stopped: None };
        let may_crown = demand_recent_login(app, caller).is_ok();
        Self { app, caller, may_crown, report, batch: Vec::new(), known: HashSet::new() }
    }

    async fn run(&mut self, lines: &mut Lines<UserLine>, watch: &mut Watch) -> Result<(), Refusal> {
        loop {
            let next = tokio::select! {
                next = lines.next() => next?,
                () = watch.stopping() => return Err(Refusal::NotNow("the server stops".into())),
            };
            let Some(line) = next else { return self.settle().await };
            if !line.is_blank() {
                self.take(&line).await?;
            }
            if !watch.may_go_on().await {
                let reason = "the caller may not import any more, or a quarter of an hour is over";
                return Err(Refusal::NotNow(reason.into()));
            }
        }
    }

    async fn take(&mut self, line: &Line) -> Result<(), Refusal> {
        if self.report.lines == MAX_LINES {
            return Err(Refusal::NotNow("an import has at most a million lines; send the rest in another".into()));
        }
        self.report.lines += 1;
        match self.read(line) {
            Ok(candidate) => self.batch.push(candidate),
            Err(refusal) => self.refuse(line.number, refusal),
        }
        if self.batch.len() == BATCH { self.settle().await } else { Ok(()) }
    }

    fn refuse(&mut self, line: u64, refusal: Refusal) {
        let fields = match refusal {
            Refusal::Invalid(fields) => fields,
            Refusal::Taken(field) => vec![FieldError::new(field, format!("this {field} is taken"))],
            other => vec![FieldError::new("", other.message())],
        };
        self.report.refused += 1;
        if self.report.refusals.len() < MAX_REFUSALS {
            let refusal =
                |error: FieldError| LineRefusal { line, field: error.field.into_owned(), message: error.message };
            self.report.refusals.extend(fields.into_iter().map(refusal));
        }
    }

    fn read(&self, line: &Line) -> Result<Candidate, Refusal> {
        let text = line.text.as_ref().ok_or(Refusal::Malformed("a line has at most 64 KiB".to_owned()))?;
        let line_of_user: UserLine = body::parse(text)?;
        let told_id = line_of_user.id.is_some();
        let user = self.take_over(line_of_user)?;
        let new = &user.user;
        let id = told_id.then(|| ("id", new.id.to_string()));
        let username = new.username.as_ref().map(|name| ("username", format!("username {}", name.key())));
        let keys =
            [Some(("email", format!("email {}", new.email.key()))), username, id].into_iter().flatten().collect();
        Ok(Candidate { line: line.number, user, keys })
    }

    fn take_over(&self, line: UserLine) -> Result<ImportedUser, Refusal> {
        let (email, username) = names(Some(&line.email), line.username.as_deref())?;
        let email = email.ok_or_else(|| Refusal::field("email", "an address is needed"))?;
        let id = line.id.as_deref().map(str::parse::<UserId>).transpose();
        let id = id.map_err(|_| Refusal::field("id", "an id is a UUID"))?;
        let now = self.app.now();
        let user = NewUser {
            id: id.unwrap_or_else(|| UserId::from_random_bytes(self.app.random())),
            email,
            username: username.flatten(),
            credential: Credential { hash: read_hash(line.password_hash)?, temporary_until: None },
            roles: self.read_roles(&line.roles)?,
            email_verified: line.email_verified,
            profile: check_profile(line.profile.unwrap_or_default())?,
            attributes: amend_attributes(&Attributes::new(), &line.attributes.unwrap_or_default())?,
        };
        Ok(ImportedUser {
            user,
            disabled: line.disabled,
            created_at: read_instant("created_at", line.created_at.as_deref(), now)?.unwrap_or(now),
            last_login_at: read_instant("last_login_at", line.last_login_at.as_deref(), now)?,
        })
    }

    fn read_roles(&self, roles: &[String]) -> Result<Vec<String>, Refusal> {
        if !roles.is_empty() && !is_privileged(self.caller) {
            return Err(protected());
        }
        if Role::of(roles).is_some() && !self.may_crown {
            return Err(Refusal::field(
                "roles",
                "administrators and auditors take a recent login; log in again for these",
            ));
        }
        read_roles(roles)
    }

    /// Takes the batch over, but for those whose keys are somebody's: they are refused, and the rest is tried again.
    async fn settle(&mut self) -> Result<(), Refusal> {
        let write = !self.report.dry_run;
        let mut batch = std::mem::take(&mut self.batch);
        // Whoever is refused for what the database holds stands in no other line's way.
        if !write || has_repetitions(&batch) {
            batch = self.refuse_taken(batch, false).await?;
        }
        batch = self.refuse_repeated(batch);
        if !write {
            self.report.imported += batch.len() as u64;
            return Ok(());
        }
        while !batch.is_empty() {
            let count = batch.len();
            batch = self.refuse_taken(batch, true).await?;
            if batch.len() == count {
                self.report.imported += count as u64;
                break;
            }
        }
        self.known.clear();
        Ok(())
    }

    /// Looks what is taken, or, with none in the way, writes all of them. Those that are left are free.
    async fn refuse_taken(&mut self, batch: Vec<Candidate>, write: bool) -> Result<Vec<Candidate>, Refusal> {
        let users: Vec<_> = batch.iter().map(|candidate| candidate.user.clone()).collect();
        let events = if write { self.events(&batch) } else { Vec::new() };
        let taken = self.app.store.import_users(&users, write, &events, self.app.now()).await?;
        let [ids, emails, usernames] =
            [taken.ids, taken.emails, taken.usernames].map(|keys| keys.into_iter().collect::<BTreeSet<_>>());
        let obstacle = |user: &NewUser| {
            let named = user.username.as_ref().is_some_and(|name| usernames.contains(name.key()));
            let obstacles = [
                (emails.contains(user.email.key()), "email"),
                (named, "username"),
                (ids.contains(&user.id.to_string()), "id"),
            ];
            obstacles.into_iter().find_map(|(is_taken, field)| is_taken.then_some(field))
        };
        let mut free = Vec::with_capacity(batch.len());
        for candidate in batch {
            match obstacle(&candidate.user.user) {
                Some(field) => self.refuse(candidate.line, Refusal::Taken(field)),
                None => free.push(candidate),
            }
        }
        Ok(free)
    }

    /// Of lines with the same key the first is taken.
    fn refuse_repeated(&mut self, batch: Vec<Candidate>) -> Vec<Candidate> {
        let mut free = Vec::with_capacity(batch.len());
        for candidate in batch {
            match candidate.keys.iter().find(|(_, key)| self.known.contains(key)) {
                Some((field, _)) => self.refuse(candidate.line, Refusal::field(field, "a line before has the same")),
                None => {
                    self.known.extend(candidate.keys.iter().map(|(_, key)| key.clone()));
                    free.push(candidate);
                }
            }
        }
        free
    }

    /// One for the batch, and one for each user who comes with roles: who made an administrator has to be found.
    fn events(&self, batch: &[Candidate]) -> Vec<Event> {
        let line = |candidate: Option<&Candidate>| candidate.map(|candidate| candidate.line);
        let lines = json!([line(batch.first()), line(batch.last())]);
        let after = json!({ "users": batch.len(), "lines": lines });
        let with_roles = batch.iter().map(|candidate| &candidate.user.user).filter(|user| !user.roles.is_empty());
        let created = with_roles.map(|user| {
            let after = json!({ "email": user.email.as_str(), "roles": user.roles, "imported": true });
            Event::by(self.caller, EventType::UserCreate).about(user.id).changing(None, after)
        });
        std::iter::once(Event::by(self.caller, EventType::UserImport).changing(None, after)).chain(created).collect()
    }
}

fn has_repetitions(batch: &[Candidate]) -> bool {
    let keys: Vec<_> = batch.iter().flat_map(|candidate| &candidate.keys).map(|(_, key)| key).collect();
    keys.iter().collect::<HashSet<_>>().len() < keys.len()
}

/// Django writes `!` and some random text where there is no password.
fn read_hash(text: Option<String>) -> Result<HashedPassword, Refusal> {
    match text.filter(|text| !text.is_empty() && !text.starts_with('!')) {
        None => Ok(HashedPassword::none()),
        Some(text) => match ForeignHash::parse(&text) {
            Ok(_) => Ok(HashedPassword::from_phc(text)),
            Err(error) => Err(Refusal::field("password_hash", error)),
        },
    }
}

fn read_instant(field: &'static str, text: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let instant = text.map(str::parse::<Timestamp>).transpose().ok();
    let past = instant.filter(|instant| instant.is_none_or(|at| at <= now && at >= Timestamp::UNIX_EPOCH));
    past.ok_or_else(|| Refusal::field(field, "write an instant that is over, such as 2020-01-31T12:00:00Z"))
}
