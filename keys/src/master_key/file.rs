//! The master key's file: who may read it, and how it comes to be all at once.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::MasterKeyError;
use crate::entropy::Entropy;

/// Far more than a key in any notation: a wrong path must not be read to its end.
const MAX_LENGTH: u64 = 1024;

pub(super) fn read(path: &Path) -> Result<Zeroizing<String>, MasterKeyError> {
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => MasterKeyError::Missing(path.to_owned()),
        ErrorKind::InvalidData => MasterKeyError::Malformed,
        _ => io_error(path, error),
    };
    // Asked before opening, since opening a pipe waits for its writer.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(MasterKeyError::NotAFile(path.to_owned()));
    }
    let file = File::open(path).map_err(failed)?;
    // Asked of the open file, so that it cannot be swapped in between.
    check_permissions(path, &file.metadata().map_err(failed)?)?;
    let mut text = Zeroizing::new(String::with_capacity(MAX_LENGTH as usize));
    file.take(MAX_LENGTH).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Writes a temporary file beside `path` and links it into place: a link, unlike a rename, fails when the name is
/// taken.
pub(super) fn create(path: &Path, content: &[u8], entropy: &dyn Entropy) -> Result<(), MasterKeyError> {
    let failed = |error| io_error(path, error);
    let temporary = temporary_name(path, entropy);
    let file = open_new(&temporary).map_err(failed)?;
    let linked = write(file, content).and_then(|()| fs::hard_link(&temporary, path));
    // A crash before this leaves a second name beside the key, as private as the first; it is never read.
    let removed = fs::remove_file(&temporary);
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(MasterKeyError::Exists(path.to_owned())),
        linked => linked.and(removed).and_then(|()| sync_directory(path)).map_err(failed),
    }
}

fn open_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write(mut file: File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.sync_all()
}

fn temporary_name(path: &Path, entropy: &dyn Entropy) -> PathBuf {
    let mut suffix = [0; 8];
    entropy.fill(&mut suffix);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}.tmp", u64::from_be_bytes(suffix)));
    name.into()
}

#[cfg(unix)]
fn check_permissions(path: &Path, metadata: &fs::Metadata) -> Result<(), MasterKeyError> {
    use std::os::unix::fs::PermissionsExt;

    match metadata.permissions().mode() & 0o7777 {
        0o600 | 0o400 => Ok(()),
        mode => Err(MasterKeyError::Permissions { path: path.to_owned(), mode }),
    }
}

/// Elsewhere access is governed by lists this check cannot judge.
#[cfg(not(unix))]
fn check_permissions(_: &Path, _: &fs::Metadata) -> Result<(), MasterKeyError> {
    Ok(())
}

/// Makes the new name itself survive a power cut.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

/// Elsewhere a directory cannot be opened as a file.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

fn io_error(path: &Path, source: io::Error) -> MasterKeyError {
    MasterKeyError::Io { path: path.to_owned(), source }
}
