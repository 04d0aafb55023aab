//! The dashboard: seven screens on a terminal, live.
//!
//! A pure [`update::update`] takes messages and gives effects back; [`runtime`] carries them out; [`view`] draws the model.
//! What keys do stands in one table, [`binding`].

pub mod binding;
pub mod deed;
pub mod input;
pub mod key;
pub mod list;
pub mod message;
pub mod model;
pub mod overlay;
pub mod remote;
pub mod runtime;
mod screens;
mod terminal;
pub mod theme;
pub mod update;
pub mod view;

use std::{io, sync::Arc};

use model::{Model, Who};
use theme::Theme;

use crate::api::Api;

/// Shows the dashboard until it is closed.
pub async fn show(api: Api, who: Who) -> io::Result<()> {
    let coloured = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let input = terminal::input()?;
    let mut screen = terminal::Screen::enter()?;
    let mut model = Model::new(who);
    runtime::run(&mut model, &mut screen.terminal, input, Arc::new(api), &mut terminal::RealShell, Theme::new(coloured))
        .await
}
