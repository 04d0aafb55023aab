//! The page of the documentation that is written by the program itself.

// A test that finds nothing where it expects something shall panic right there.
#![allow(clippy::unwrap_used)]

/// Set to 1, it writes the page anew.
const UPDATE: &str = "SIGNET_UPDATE_DOCS";

#[test]
fn the_page_of_the_keys_is_what_the_dashboard_goes_by() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/src/reference/terminal-keys.md");
    let page = signet_tui::cli::keys::markdown();
    if std::env::var_os(UPDATE).is_some_and(|value| value == "1") {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == page, "{path} is not of now; run: {UPDATE}=1 cargo test -p signet-tui --test manual");
}
