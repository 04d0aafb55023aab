//! Makes the manual's pictures of the dashboard: starts the built `signet` with a small company in it, goes through the
//! built `signetctl`, and draws what is on its screen.
//!
//! ```sh
//! cargo build --locked && cargo run --locked --example captures
//! ```

mod company;
#[allow(dead_code, unused_imports, reason = "the tests use the rest of it")]
#[path = "../../it/harness/mod.rs"]
mod harness;
mod svg;
mod tour;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::ensure;

/// Where the manual has them.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs").join("src/images/terminal")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    for name in ["signet", "signetctl"] {
        let program = harness::executable().with_file_name(name);
        ensure!(program.is_file(), "{} is not there: run `cargo build` first", program.display());
    }
    std::fs::create_dir_all(folder())?;
    let program = company::start().await;
    company::work(&program).await;
    let mut out = std::io::stdout();
    for (name, picture) in tour::go(&program).await {
        let file = folder().join(name).with_extension("svg");
        std::fs::write(&file, picture)?;
        writeln!(out, "{}", file.display())?;
    }
    Ok(())
}
