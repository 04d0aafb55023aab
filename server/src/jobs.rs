//! What happens by itself: keys rotate, expired rows are swept, other nodes'
//! changes are noticed, clients are told of logouts.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};

use crate::{
    app::{App, after},
    clients,
    metrics::SAMPLE_PERIOD,
    oidc::backchannel,
    rotation::due,
    store::StoreError,
    tuning,
};

/// How often keys and other nodes' changes are looked at.
const TICK: Duration = Duration::from_secs(1);
/// How often expired rows are swept.
const SWEEP: Duration = Duration::from_secs(30);
/// A lease outlives a tick; a holder that died is succeeded after it, in seconds. Shorter than what the rotation plan
/// allows a node to be behind: a rotator that dies leaves no change of the settings unplanned for longer.
const LEASE: i64 = 10;

/// Starts every job.
pub fn spawn(app: &Arc<App>, stop: &watch::Receiver<bool>) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    app.metrics.sample(app.now());
    let node = uuid::Builder::from_random_bytes(app.random()).into_uuid().to_string();
    jobs.spawn(every(TICK, stop.clone(), Job { app: Arc::clone(app), node: node.clone(), work: Work::Keys }));
    let sampled = Duration::from_secs(SAMPLE_PERIOD);
    jobs.spawn(every(sampled, stop.clone(), Job { app: Arc::clone(app), node: node.clone(), work: Work::Sample }));
    jobs.spawn(every(SWEEP, stop.clone(), Job { app: Arc::clone(app), node: node.clone(), work: Work::Sweep }));
    jobs.spawn(every(TICK, stop.clone(), Job { app: Arc::clone(app), node, work: Work::Logouts }));
    jobs
}

struct Job {
    app: Arc<App>,
    node: String,
    work: Work,
}

#[derive(Clone, Copy)]
enum Work {
    Keys,
    Sweep,
    Sample,
    Logouts,
}

async fn every(period: Duration, mut stop: watch::Receiver<bool>, job: Job) {
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(period) => {}
            _ = stop.changed() => return,
        }
        let done = match job.work {
            Work::Keys => job.keys().await,
            Work::Sweep => job.sweep(&stop).await,
            Work::Logouts => backchannel::tell_due(&job.app).await.map_err(Into::into),
            Work::Sample => {
                job.app.metrics.sample(job.app.now());
                Ok(())
            }
        };
        if let Err(error) = done {
            tracing::warn!(error = format!("{error:#}"), "a job failed; it will be tried again");
        }
    }
}

impl Job {
    async fn keys(&self) -> anyhow::Result<()> {
        let app = &self.app;
        // Alone on its database, too: a change may have been written by a request that did not live to put it in force.
        self.follow().await?;
        if !self.is_rotation_due() || !self.holds("rotation").await? {
            return Ok(());
        }
        let settings = app.settings.get().clone();
        let ring = app.rotator().rotate(&settings, &app.rotation_policy(&settings)).await?;
        app.install(&ring)
    }

    /// Takes over what was changed elsewhere.
    async fn follow(&self) -> anyhow::Result<()> {
        let app = &self.app;
        let there = app.store.revisions().await?;
        if there.settings != app.settings.revision() {
            tuning::load(app).await?;
        }
        if there.clients != app.clients.revision() {
            clients::load(app).await?;
        }
        if there.keys != app.keyring.load().revision() {
            app.install(&app.store.load_keys().await?)?;
        }
        Ok(())
    }

    /// Looks at the snapshots alone, so that a second in which nothing is due costs the database nothing.
    fn is_rotation_due(&self) -> bool {
        let (keyring, settings) = (self.app.keyring.load(), self.app.settings.get());
        let policy = self.app.rotation_policy(&settings);
        !due(keyring.records(), keyring.plans(), &settings, &policy, self.app.now()).is_empty()
    }

    /// Batch after batch while there is something left, the lease is ours and nobody says stop.
    async fn sweep(&self, stop: &watch::Receiver<bool>) -> anyhow::Result<()> {
        let mut more = true;
        while more && !*stop.borrow() && self.holds("sweep").await? {
            let now = self.app.now();
            let (idle_before, audit_before) = {
                let settings = self.app.settings.get();
                (after(now, -settings.longest_token_lifetime() - 60), after(now, -settings.audit_retention))
            };
            more = self.app.store.sweep(idle_before, audit_before, now).await?;
        }
        Ok(())
    }

    async fn holds(&self, job: &str) -> Result<bool, StoreError> {
        let now = self.app.now();
        self.app.store.acquire_lease(job, &self.node, after(now, LEASE), now).await
    }
}
