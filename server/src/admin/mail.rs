//! Mail: what waits, trying it again, and a test.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use salvo::{
    Router, Writer,
    oapi::{endpoint, extract::PathParam},
    writing::Json,
};
use serde_json::json;
use signet_shared::admin::{MailRetry, MailTest, MailTestRequest, MailView, Page};

use super::cursor::PageQuery;
use crate::{
    app::{App, Shared},
    error::{Problem, Refusal},
    http::{body::ApiBody, gate::Caller, query::Query},
    mail::{Context, Template, reason},
    model::{
        audit::{Event, EventType},
        email::EmailAddress,
        mail::QueuedMail,
    },
    store::{AttemptLimit, MailKey, MailPosition},
};

pub(super) fn router() -> Router {
    Router::with_path("mail")
        .get(list_mails)
        .push(Router::with_path("retry").post(retry_mails))
        .push(Router::with_path("test").post(send_test))
        .push(Router::with_path("{id}/retry").post(retry_mail))
}

fn key(mail: &QueuedMail) -> MailKey {
    let user = mail.user.map_or(String::new(), |user| user.to_string());
    [mail.kind.name().to_owned(), mail.email_key.clone(), user]
}

fn view(mail: QueuedMail) -> Result<MailView, Refusal> {
    let id = serde_json::to_vec(&key(&mail)).map_err(anyhow::Error::from)?;
    Ok(MailView {
        id: URL_SAFE_NO_PAD.encode(id),
        kind: mail.kind.name().to_owned(),
        to: mail.email_key,
        user: mail.user.map(|user| user.to_string()),
        attempts: mail.attempts,
        state: if mail.under_way { "under_way" } else { "waiting" }.to_owned(),
        created_at: mail.created_at.to_string(),
        due_at: mail.due_at.to_string(),
        last_error: mail.last_error,
    })
}

/// The outbox
///
/// Mails that wait, the earliest first. One that was sent is gone.
#[endpoint(tags("Admin: mail"))]
async fn list_mails(app: Shared, _caller: Caller, query: Query<PageQuery>) -> Result<Json<Page<MailView>>, Problem> {
    let page = query.0.read::<MailPosition>(&app, "mail", "")?;
    let mails = app.store.list_mails(page.after.as_ref(), page.limit + 1).await?;
    let page = page.finish(&app, mails, |mail| (mail.created_at.as_millisecond(), key(mail)))?;
    let items = page.items.into_iter().map(view).collect::<Result<_, _>>()?;
    Ok(Json(Page { items, next_cursor: page.next_cursor }))
}

/// Try every waiting mail now
#[endpoint(tags("Admin: mail"))]
async fn retry_mails(app: Shared, caller: Caller) -> Result<Json<MailRetry>, Problem> {
    let event = Event::by(&caller.0, EventType::MailRetry);
    let mails = app.store.retry_mails(None, &event, app.now()).await?;
    app.outbox.wake();
    Ok(Json(MailRetry { mails }))
}

/// Try one mail now
#[endpoint(tags("Admin: mail"))]
async fn retry_mail(app: Shared, caller: Caller, id: PathParam<String>) -> Result<Json<MailRetry>, Problem> {
    let unknown = || Refusal::NotFound("there is no such mail; it was sent, or given up");
    let bytes = URL_SAFE_NO_PAD.decode(id.as_bytes()).map_err(|_| unknown())?;
    let key: MailKey = serde_json::from_slice(&bytes).map_err(|_| unknown())?;
    if !app.store.has_mail(&key).await? {
        return Err(unknown().into());
    }
    let event = Event::by(&caller.0, EventType::MailRetry).about(format!("{} {}", key[0], key[1]));
    let mails = app.store.retry_mails(Some(&key), &event, app.now()).await?;
    if mails == 0 {
        return Err(Refusal::NotNow("this mail is under way already".into()).into());
    }
    app.outbox.wake();
    Ok(Json(MailRetry { mails }))
}

/// Send a test mail
///
/// At once, past the outbox. 409 with what went wrong where the mail server does not take it.
#[endpoint(tags("Admin: mail"))]
async fn send_test(app: Shared, caller: Caller, body: ApiBody<MailTestRequest>) -> Result<Json<MailTest>, Problem> {
    let to = EmailAddress::parse(&body.0.to).map_err(|error| Refusal::field("to", error))?;
    let now = app.now();
    // Nobody's inbox can be flooded through us, by operators neither.
    let limit = AttemptLimit::from_settings(&app.settings.get(), now);
    let until = limit.window_ends_at;
    if !app.store.reserve_event(&format!("mail test {}", to.key()), limit, now).await? {
        return Err(Refusal::Throttled(until.duration_since(now).try_into().unwrap_or_default()).into());
    }
    let event = |kind| Event::by(&caller.0, kind).about(to.key());
    app.store.record(&event(EventType::MailTest), now).await?;
    // To its end even when the caller goes away: then the log tells how it went.
    let (handle, address) = (app.handle(), to.clone());
    let sent = tokio::spawn(async move { deliver(&handle, &address).await }).await.map_err(anyhow::Error::from)?;
    if let Err(error) = sent {
        let reason = reason(&error);
        let failed = event(EventType::MailTestFail).changing(None, json!({ "reason": reason }));
        app.store.record(&failed, app.now()).await?;
        return Err(Refusal::NotNow(format!("the mail did not leave: {reason}").into()).into());
    }
    let transport = app.mailer.transport_name().to_owned();
    Ok(Json(MailTest { to: to.as_str().to_owned(), transport }))
}

async fn deliver(app: &App, to: &EmailAddress) -> anyhow::Result<()> {
    let context = Context {
        username: "",
        email: to.as_str(),
        code: "",
        link: app.public_url.as_str(),
        expires_in: "",
        public_url: app.public_url.as_str(),
    };
    let name = format!("{:013}-test", app.now().as_millisecond());
    app.mailer.send(Template::Test, &context, &name).await
}
