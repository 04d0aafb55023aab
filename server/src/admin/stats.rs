//! Counts and rates for a dashboard: in one call, and as a stream.

use std::{convert::Infallible, sync::Arc, time::Duration};

use futures_util::{Stream, stream};
use salvo::{
    Response, Router, Writer,
    oapi::endpoint,
    sse::{SseEvent, SseKeepAlive},
    writing::Json,
};
use signet_shared::admin::{HealthView, Permission, RateView, Resource, StatsView, TotalsView};

use super::live::Watch;
use crate::{
    app::{App, Remembered, Shared},
    error::{Problem, Refusal},
    http::gate::Caller,
    metrics::{SAMPLE_PERIOD, Sample},
};

pub(super) fn router() -> Router {
    Router::with_path("stats").get(get_stats).push(Router::with_path("stream").get(follow_stats))
}

/// Counts and rates
///
/// Totals are of the whole database, rates of the node that answers.
#[endpoint(tags("Admin: stats"))]
async fn get_stats(app: Shared, _caller: Caller) -> Result<Json<StatsView>, Problem> {
    Ok(Json(view(&app.handle(), rates(&app.metrics.samples())).await?))
}

/// Follow counts and rates
///
/// Server-sent events named `stats`, one each few seconds, each with what came since the one before.
#[endpoint(tags("Admin: stats"))]
async fn follow_stats(app: Shared, caller: Caller, res: &mut Response) -> Result<(), Problem> {
    let watch = Watch::begin(app.handle(), caller.0, Permission::read(Resource::Stats))?;
    SseKeepAlive::new(events(watch)).max_interval(Duration::from_secs(15)).stream(res);
    Ok(())
}

fn events(watch: Watch) -> impl Stream<Item = Result<SseEvent, Infallible>> + Send {
    stream::unfold((watch, None), |(mut watch, last)| async move {
        loop {
            let app = Arc::clone(watch.app());
            let samples = app.metrics.samples();
            let newest = samples.last().map(|sample| sample.time);
            if last.is_none() || newest != last.flatten() {
                // From the sample that was sent last: the first rate is counted from it.
                let begin = last.flatten().and_then(|seen| samples.iter().position(|sample| sample.time == seen));
                let seen = &samples[begin.unwrap_or(0)..];
                match view(&app, rates(seen)).await {
                    Ok(stats) => {
                        let event = SseEvent::default().name("stats").json(stats).unwrap_or_default();
                        return Some((Ok(event), (watch, Some(newest))));
                    }
                    Err(refusal) => tracing::warn!(error = refusal.message(), "a follower of the counts has to wait"),
                }
            }
            if !watch.wait(Duration::from_secs(1)).await {
                return None;
            }
        }
    })
}

async fn view(app: &Arc<App>, rates: Vec<RateView>) -> Result<StatsView, Refusal> {
    let algorithm = app.settings.get().default_signing_algorithm;
    let totals = Remembered::get(app, |app| &app.totals, count).await;
    let health = HealthView {
        database: totals.is_ok() && app.store.ping().await.is_ok(),
        signing_key: app.keyring.load().signer(algorithm).is_some(),
        mail: app.outbox.has_room(),
    };
    Ok(StatsView {
        time: app.now().to_string(),
        started_at: app.started_at.to_string(),
        health,
        totals: totals.unwrap_or_default(),
        interval: SAMPLE_PERIOD,
        rates,
    })
}

async fn count(app: Arc<App>) -> Result<TotalsView, Refusal> {
    let now = app.now();
    let published = app.keyring.load().records().iter().filter(|record| record.is_published()).count();
    Ok(TotalsView {
        users: app.store.count_users().await?,
        refresh_sessions: app.store.count_sessions("refresh_tokens", now).await?,
        cookie_sessions: app.store.count_sessions("cookie", now).await?,
        mail_waiting: app.outbox.waiting(),
        published_keys: i64::try_from(published).unwrap_or(i64::MAX),
    })
}

fn rates(samples: &[Sample]) -> Vec<RateView> {
    let rate = |pair: &[Sample]| {
        let (before, after) = (&pair[0], &pair[1]);
        RateView {
            time: after.time.to_string(),
            requests: after.requests - before.requests,
            client_errors: after.client_errors - before.client_errors,
            throttled: after.throttled - before.throttled,
            server_errors: after.server_errors - before.server_errors,
            logins_ok: after.logins_ok - before.logins_ok,
            logins_failed: after.logins_failed - before.logins_failed,
            refreshes: after.refreshes - before.refreshes,
            refresh_reuse: after.refresh_reuse - before.refresh_reuse,
        }
    };
    samples.windows(2).map(rate).collect()
}
