//! TLS certificates that may be renewed while we run.

use std::{path::Path, time::Duration};

use futures_util::{Stream, stream};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use salvo::conn::rustls::{Keycert, RustlsConfig};

use crate::config::{ConfigError, TlsFiles};

/// How often the files are looked at.
const PERIOD: Duration = Duration::from_secs(5);

/// The certificate as it is now.
pub fn load(files: &TlsFiles) -> Result<Keys, ConfigError> {
    let read = |what: &str, path: &Path| {
        std::fs::read(path)
            .map_err(|error| ConfigError(format!("server.tls.{what}: cannot read {}: {error}", path.display())))
    };
    let keys = Keys { cert: read("cert", &files.cert)?, key: read("key", &files.key)? };
    keys.check().map_err(|error| {
        ConfigError(format!(
            "server.tls: {} and {} do not go together: {error:#}",
            files.cert.display(),
            files.key.display()
        ))
    })?;
    Ok(keys)
}

/// A certificate and its key, as read.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Keys {
    /// The listener does not compare the two; rustls does.
    fn check(&self) -> anyhow::Result<()> {
        let chain = CertificateDer::pem_slice_iter(&self.cert).collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)?;
        rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
        Ok(())
    }

    fn config(&self) -> RustlsConfig {
        RustlsConfig::new(Keycert::new().cert(self.cert.clone()).key(self.key.clone()))
    }
}

/// The certificate now and each one that replaces it. Half-written or mismatched files are passed over until they fit.
pub fn reloading(files: TlsFiles, first: Keys) -> impl Stream<Item = RustlsConfig> + Send {
    let initial = first.config();
    let later = stream::unfold((files, first), |(files, current)| async move {
        loop {
            tokio::time::sleep(PERIOD).await;
            let look = files.clone();
            match tokio::task::spawn_blocking(move || load(&look)).await {
                Ok(Ok(keys)) if keys != current => {
                    tracing::info!("the TLS certificate was renewed");
                    return Some((keys.config(), (files, keys)));
                }
                Ok(Err(error)) => tracing::warn!(%error, "the TLS certificate cannot be used; the last one stays"),
                _ => {}
            }
        }
    });
    stream::StreamExt::chain(stream::once(async { initial }), later)
}
