//! Random bytes that are made once and outlive every key.

use super::{Store, StoreError, connection::vars};

const FIND_OR_KEEP: &str = "RETURN {
    LET $row = type::record('secret', $name);
    IF !record::exists($row) { CREATE $row SET value = $fresh RETURN NONE };
    (SELECT VALUE value FROM ONLY $row)
}";

impl Store {
    /// The secret of this name; the fresh one, if there is none yet.
    pub async fn find_or_keep_secret(&self, name: &str, fresh: [u8; 32]) -> Result<String, StoreError> {
        let fresh: String = fresh.iter().map(|byte| format!("{byte:02x}")).collect();
        self.connection.commit(FIND_OR_KEEP, vars! { name: name.to_owned(), fresh: fresh }).await
    }
}
