//! The program `signetctl`.

use std::process::ExitCode;

use signet_tui::{
    cli::{Arguments, run},
    exit::Exit,
};

fn main() -> ExitCode {
    let arguments = Arguments::read();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(run(arguments)).into(),
        Err(_) => Exit::Failed.into(),
    }
}
