//! Leases: of all nodes, one does a job at a time. A holder that dies is
//! succeeded when its lease ends.

use jiff::Timestamp;

use super::{Store, StoreError, connection::vars, time::millis};

const ACQUIRE: &str = "RETURN {
    LET $lease = (SELECT holder, until FROM ONLY type::record('lease', $job));
    IF $lease IS NOT NONE AND $lease.holder != $holder AND $lease.until > $now { false }
    ELSE {
        UPSERT type::record('lease', $job) SET holder = $holder, until = $until RETURN NONE;
        true
    }
}";

impl Store {
    /// Takes or extends the lease on a job; false while another holds it.
    pub async fn acquire_lease(
        &self,
        job: &str,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let vars = vars! { job: job.to_owned(), holder: holder.to_owned(), until: millis(until), now: millis(now) };
        self.connection.commit(ACQUIRE, vars).await
    }

    /// Takes every lease back: for a node that starts alone on its database, where whoever held one is dead.
    pub async fn release_leases(&self) -> Result<(), StoreError> {
        const RELEASE: &str = "RETURN { DELETE lease RETURN NONE; true }";
        self.connection.commit::<bool>(RELEASE, vars! {}).await.map(drop)
    }
}
