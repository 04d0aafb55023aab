//! The database's own server program: `signet-test-database start --user root --pass root --bind 127.0.0.1:8000 memory`.

use std::process::ExitCode;

fn main() -> ExitCode {
    surrealdb_server::init(surrealdb_server::core::CommunityComposer())
}
