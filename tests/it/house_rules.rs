//! What must never be in the source, however good the reason seemed.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut pending = vec![root().join(folder)];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(std::fs::read_dir(&path).expect("a folder").flatten().map(|entry| entry.path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).expect("a path within").to_string_lossy().into_owned();
            found.push((name, std::fs::read_to_string(&path).expect("a source")));
        }
    }
    assert!(!found.is_empty(), "{folder} holds no sources");
    found
}

/// The lines of code that hold this word, outside the places that may.
fn offenders(folder: &str, word: &str, allowed: &[&str]) -> Vec<String> {
    let pattern = regex::Regex::new(word).expect("a pattern");
    let mut found = Vec::new();
    for (name, text) in sources(folder) {
        if allowed.iter().any(|place| name.starts_with(place)) {
            continue;
        }
        let code = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        found.extend(
            code.filter(|(_, line)| pattern.is_match(line))
                .map(|(number, line)| format!("{name}:{}: {line}", number + 1)),
        );
    }
    found
}

#[track_caller]
fn assert_none(found: Vec<String>) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn only_the_store_names_the_database() {
    assert_none(offenders("server/src", r"\bsurreal(db|kv)?\w*::", &["server/src/store/"]));
    for folder in ["shared/src", "keys/src"] {
        assert_none(offenders(folder, r"\bsurreal", &[]));
    }
}

#[test]
fn statements_find_rows_by_index_before_they_change_them() {
    // A selection inside UPDATE or DELETE, or one that looks at `$parent`, reads the whole table: select into a LET first.
    let scan = r"(UPDATE|DELETE) \(SELECT|\$parent";
    assert_none(offenders("server/src/store", scan, &[]));
}

#[test]
fn only_the_keys_crate_names_the_signing_library() {
    for folder in ["server/src", "shared/src"] {
        assert_none(offenders(folder, r"\bjosekit\b", &[]));
    }
}

#[test]
fn only_the_app_and_the_http_room_read_the_depot() {
    assert_none(offenders(
        "server/src",
        r"\bdepot\.|get_typed|insert_typed",
        &["server/src/app.rs", "server/src/http/"],
    ));
}

#[test]
fn time_and_randomness_are_passed_in() {
    let clock = r"Timestamp::now\(|SystemTime::now\(|Uuid::new_v4\(|Uuid::now_v7\(|getrandom::|rand::|thread_rng";
    assert_none(offenders("server/src", clock, &["server/src/clock.rs"]));
    assert_none(offenders("shared/src", clock, &[]));
    assert_none(offenders("tui/src", clock, &["tui/src/dashboard/clock.rs"]));
    assert_none(offenders("keys/src", clock, &["keys/src/entropy.rs"]));
}

#[test]
fn slices_do_not_import_each_other() {
    // They meet in stored state and in the domain steps of `account`, whose façades are a slice's own.
    for (slice, others) in [
        ("account", "oidc|pages|admin"),
        ("oidc", "account::(api|cookie)|pages|admin"),
        ("pages", "account::(api|cookie)|oidc|admin"),
        ("admin", "account::(api|cookie)|oidc|pages"),
    ] {
        let folder = format!("server/src/{slice}");
        if root().join(&folder).is_dir() {
            assert_none(offenders(&folder, &format!(r"crate::({others})\b"), &[]));
        }
    }
}

#[test]
fn libraries_import_nothing_of_ours() {
    assert_none(offenders("shared/src", r"signet_(keys|server)", &[]));
    assert_none(offenders("keys/src", r"signet_(shared|server)", &[]));
    assert_none(offenders("tui/src", r"signet_(keys|server)", &[]));
}

#[test]
fn nothing_is_left_for_later() {
    for folder in ["server", "shared", "keys", "tui", "tests/src"] {
        assert_none(offenders(folder, r"\b(todo|unimplemented|dbg)!\(", &[]));
        for (name, text) in sources(folder) {
            assert!(!text.contains(concat!("TO", "DO")) && !text.contains(concat!("FIX", "ME")), "{name}");
        }
    }
}

#[test]
fn no_file_is_two_things() {
    for folder in ["server/src", "shared/src", "keys/src", "tui/src", "tests/src"] {
        for (name, text) in sources(folder) {
            let lines = text.lines().count();
            assert!(lines <= 450, "{name} has {lines} lines: which two things is it?");
        }
    }
}
