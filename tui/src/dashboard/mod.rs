//! The dashboard: seven screens on a terminal, live.
//!
//! A pure [`update::update`] takes messages and gives effects back; [`runtime`] carries them out; [`view`] draws the model.
//! What keys do stands in one table, [`binding`].

mod ascii;
pub mod binding;
pub mod check;
mod clock;
pub mod deeds;
pub mod input;
pub mod key;
mod layout;
pub mod list;
pub mod message;
pub mod model;
pub mod overlay;
pub mod remote;
pub mod runtime;
mod screens;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;

use std::{io, sync::Arc};

use model::{Model, Who};
use remote::Server;
use runtime::End;
use theme::Theme;

/// Shows the dashboard until it is closed.
pub async fn show(server: Arc<Server>, who: Who, theme: Theme) -> io::Result<End> {
    let input = terminal::input()?;
    let mut screen = terminal::Screen::enter()?;
    let mut model = Model::new(who, clock::now());
    runtime::run(&mut model, &mut screen.terminal, input, server, &mut terminal::RealShell, theme).await
}
