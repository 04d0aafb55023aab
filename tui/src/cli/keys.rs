//! What the dashboard's keys do, for the manual: written from the one table that the dashboard goes by.

use std::io::{self, Write};

use clap_mangen::roff::{Roff, bold, roman};

use crate::dashboard::{
    binding::{BINDINGS, Binding},
    model::Screen,
};

/// What stands before the table, and what its marks mean.
const ABOUT: &str = "What is marked with * changes something: it is locked until W, and asks before it is done.";

/// Bindings beneath a heading.
struct Group {
    title: &'static str,
    bindings: Vec<&'static Binding>,
}

/// Those that hold everywhere, on several screens, and on one alone.
fn groups() -> Vec<Group> {
    let group = |title, belongs: &dyn Fn(&Binding) -> bool| Group {
        title,
        bindings: BINDINGS.iter().filter(|binding| belongs(binding)).collect(),
    };
    let shared = [
        group("Everywhere", &|binding| binding.screens.is_empty()),
        group("On several screens", &|binding| binding.screens.len() > 1),
    ];
    let own = Screen::ALL.map(|screen| group(screen.title(), &|binding| binding.screens == [screen]));
    shared.into_iter().chain(own).filter(|group| !group.bindings.is_empty()).collect()
}

/// What it does, and on which of several screens.
fn description(binding: &Binding) -> String {
    let mark = if binding.mutates() { " *" } else { "" };
    let screens: Vec<_> = binding.screens.iter().map(|screen| screen.title()).collect();
    let place = if screens.len() > 1 { format!(" ({})", screens.join(", ")) } else { String::new() };
    format!("{}{mark}{place}", binding.name)
}

fn keys(binding: &Binding, before: &str, after: &str) -> String {
    binding.keys.iter().map(|key| format!("{before}{key}{after}")).collect::<Vec<_>>().join(" ")
}

/// The page of the documentation.
pub fn markdown() -> String {
    let link = "[`signetctl`'s dashboard](../how-to/signetctl.md#the-dashboard)";
    let mut page = format!("# Keys of the terminal\n\nThe keys of {link}.\n{ABOUT}\n");
    for group in groups() {
        page += &format!("\n## {}\n\n| key | what it does |\n|---|---|\n", group.title);
        for binding in group.bindings {
            // A line of a table ends at the first bar, even within a code span.
            let keys = keys(binding, "`", "`").replace('|', "\\|");
            page += &format!("| {keys} | {} |\n", description(binding));
        }
    }
    page
}

/// The section of the manual page.
pub(super) fn manual(out: &mut impl Write) -> io::Result<()> {
    let mut section = Roff::new();
    section.control("SH", ["KEYS"]).text([roman(ABOUT)]);
    for group in groups() {
        section.control("SS", [group.title]);
        for binding in group.bindings {
            section.control("TP", []).text([bold(keys(binding, "", ""))]).text([roman(description(binding))]);
        }
    }
    // A bare caret is an accent there.
    out.write_all(section.to_roff().replace('^', "\\(ha").as_bytes())
}
