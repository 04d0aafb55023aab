//! The master key and its file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use signet_keys::{MasterKey, MasterKeyError, OsEntropy};
use tempfile::TempDir;

use crate::support::{Counter, master_key};

const STANDARD: &str = "+/8DBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
const URL_SAFE: &str = "-_8DBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";
const HEX: &str = "fbff030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F20";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn one_key_has_many_spellings() {
    let expected = MasterKey::parse(STANDARD).unwrap().fingerprint();
    let unpadded = STANDARD.trim_end_matches('=');
    let padded = format!("{URL_SAFE}=");
    let spaced = format!("  {HEX}\r\n");
    for text in [STANDARD, unpadded, URL_SAFE, &padded, HEX, &HEX.to_lowercase(), &spaced] {
        assert_eq!(MasterKey::parse(text).unwrap().fingerprint(), expected, "{text}");
    }
}

#[test]
fn anything_else_is_no_key() {
    let mixed = STANDARD.replace('+', "-");
    let long = format!("{HEX}00");
    for text in ["", "secret", &HEX[1..], &HEX[2..], &long, &HEX.replace('f', "g"), &STANDARD[1..], &mixed, "é"] {
        assert!(matches!(MasterKey::parse(text), Err(MasterKeyError::Malformed)), "{text}");
    }
}

#[test]
fn a_fingerprint_names_the_key_and_no_more() {
    let fingerprint = master_key().fingerprint();
    assert_eq!(fingerprint.len(), 16);
    assert!(fingerprint.bytes().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(fingerprint, master_key().fingerprint());
    assert_ne!(fingerprint, MasterKey::parse(HEX).unwrap().fingerprint());
    assert_eq!(format!("{:?}", master_key()), "MasterKey(..)");
}

#[test]
fn a_created_key_is_the_owners_alone_and_reads_back() {
    let folder = folder();
    let path = folder.path().join("master.key");
    let created = MasterKey::create(&path, &OsEntropy).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(MasterKey::read(&path).unwrap().fingerprint(), created.fingerprint());
    assert_eq!(names(&folder), ["master.key"]);
}

#[test]
fn a_key_is_never_overwritten() {
    let folder = folder();
    let path = folder.path().join("master.key");
    let first = MasterKey::create(&path, &OsEntropy).unwrap();
    let second = MasterKey::create(&path, &OsEntropy);
    assert!(matches!(second, Err(MasterKeyError::Exists(at)) if at == path));
    assert_eq!(MasterKey::read(&path).unwrap().fingerprint(), first.fingerprint());
    assert_eq!(names(&folder), ["master.key"]);
}

#[test]
fn of_many_creators_one_wins() {
    let folder = folder();
    let path = folder.path().join("master.key");
    let winners: Vec<MasterKey> = std::thread::scope(|scope| {
        let create = || scope.spawn(|| MasterKey::create(&path, &OsEntropy).ok());
        let threads: Vec<_> = std::iter::repeat_with(create).take(16).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
    });
    let [winner] = winners.as_slice() else {
        panic!("{} winners", winners.len());
    };
    assert_eq!(MasterKey::read(&path).unwrap().fingerprint(), winner.fingerprint());
    assert_eq!(names(&folder), ["master.key"]);
}

#[test]
fn a_key_cannot_be_created_in_a_folder_that_is_not_there() {
    let path = folder().path().join("absent").join("master.key");
    assert!(matches!(MasterKey::create(&path, &Counter::default()), Err(MasterKeyError::Io { .. })));
}

#[test]
fn only_the_owner_may_have_access() {
    let folder = folder();
    let path = folder.path().join("it's a key");
    for mode in [0o600, 0o400] {
        write(&path, HEX, mode);
        assert!(MasterKey::read(&path).is_ok(), "{mode:o}");
        fs::remove_file(&path).unwrap();
    }
    for mode in [0o644, 0o640, 0o660, 0o604, 0o602, 0o601, 0o700, 0o4600, 0o777] {
        write(&path, HEX, mode);
        let error = MasterKey::read(&path).unwrap_err();
        assert!(matches!(error, MasterKeyError::Permissions { mode: found, .. } if found == mode), "{mode:o}");
        let command = format!("chmod 600 '{}/it'\\''s a key'", folder.path().display());
        assert!(error.to_string().ends_with(&command), "{error}");
    }
}

#[test]
fn what_is_missing_malformed_or_no_file_has_its_own_error() {
    let folder = folder();
    let path = folder.path().join("master.key");
    assert!(matches!(MasterKey::read(&path), Err(MasterKeyError::Missing(at)) if at == path));
    assert!(matches!(MasterKey::read(folder.path()), Err(MasterKeyError::NotAFile(_))));

    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert!(matches!(MasterKey::read(&socket), Err(MasterKeyError::NotAFile(_))));

    for text in ["", "\n", "not a key", &"0".repeat(1 << 20)] {
        write(&path, text, 0o600);
        assert!(matches!(MasterKey::read(&path), Err(MasterKeyError::Malformed)));
    }
    fs::write(&path, [0xff; 32]).unwrap();
    assert!(matches!(MasterKey::read(&path), Err(MasterKeyError::Malformed)));
}

#[test]
fn a_link_to_a_key_is_followed() {
    let folder = folder();
    let (path, link) = (folder.path().join("..data"), folder.path().join("master.key"));
    write(&path, HEX, 0o400);
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(MasterKey::read(&link).is_ok());
}
