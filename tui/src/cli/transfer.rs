//! Files on their way to the server and from it, with a bar on standard error where that is a terminal.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::{
    api::{Api, ApiError, copy},
    call::Call,
};

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// A file's bytes, as a body; `-` is standard input.
pub async fn upload(path: &Path) -> io::Result<reqwest::Body> {
    let (source, length): (Box<dyn AsyncRead + Send + Unpin>, _) = if path == Path::new("-") {
        (Box::new(tokio::io::stdin()), None)
    } else {
        let file = tokio::fs::File::open(path).await?;
        let length = file.metadata().await?.len();
        (Box::new(file), Some(length))
    };
    let bar = bar(length);
    // The server reads as fast as it imports, so what has left is nearly what is done.
    let chunks = stream::unfold((source, bar), |(mut source, bar)| async move {
        let mut chunk = vec![0; CHUNK];
        match source.read(&mut chunk).await {
            Ok(0) => {
                bar.finish_and_clear();
                None
            }
            Ok(read) => {
                bar.inc(read as u64);
                chunk.truncate(read);
                Some((Ok(chunk), (source, bar)))
            }
            Err(error) => Some((Err(error), (source, bar))),
        }
    });
    Ok(reqwest::Body::wrap_stream(chunks.boxed()))
}

fn bar(length: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match length {
        Some(length) => (ProgressBar::new(length), "{bar:40} {percent:>3} % {bytes_per_sec} {eta}"),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes} {bytes_per_sec}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Writes an export to a file, whole or not at all, or to standard output.
pub async fn download(api: &Api, call: &Call, file: Option<PathBuf>) -> Result<(), ApiError> {
    let response = api.open(call, None).await?;
    match file {
        None => copy(response, &mut tokio::io::stdout()).await,
        Some(path) => {
            let unwritable = |error: io::Error| ApiError::file(&path, &error);
            let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            // Of mode 0600: it may hold hashes, and always holds addresses.
            let partial = tempfile::NamedTempFile::new_in(directory).map_err(unwritable)?;
            let file = tokio::fs::File::from_std(partial.reopen().map_err(unwritable)?);
            copy(response, &mut bar(None).wrap_async_write(file)).await?;
            partial.as_file().sync_all().map_err(unwritable)?;
            partial.persist(&path).map(drop).map_err(|error| unwritable(error.error))
        }
    }
}
