//! How mail leaves: to a mail server, into files, or nowhere.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};

use crate::{
    config::{ConfigError, MailTransport, SmtpConfig, SmtpTls},
    start::make_private_directory,
};

/// A server that takes longer is not delivering.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// For each answer on the way.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);

/// A way out.
pub enum Transport {
    /// Over SMTP.
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    /// As `.eml` files.
    File(PathBuf),
    /// A line in the log, without what the mail says.
    Log,
}

impl Transport {
    /// Sets the way out up; nothing is sent yet.
    pub fn new(config: &MailTransport) -> Result<Self, ConfigError> {
        Ok(match config {
            MailTransport::File(directory) => Self::File(directory.clone()),
            MailTransport::Log => Self::Log,
            MailTransport::Smtp(smtp) => Self::Smtp(Box::new(smtp_transport(smtp)?)),
        })
    }

    /// As the configuration names it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::File(_) => "file",
            Self::Log => "log",
        }
    }

    /// Hands one mail over; `name` makes a file's name.
    pub async fn send(&self, message: Message, name: &str) -> anyhow::Result<()> {
        match self {
            Self::Smtp(smtp) => {
                tokio::time::timeout(SEND_TIMEOUT, smtp.send(message))
                    .await
                    .map_err(|_| anyhow::anyhow!("the mail server took longer than {SEND_TIMEOUT:?}"))??;
                Ok(())
            }
            Self::File(directory) => write_file(directory.clone(), format!("{name}.eml"), message.formatted()).await,
            Self::Log => {
                let recipients = message.envelope().to();
                tracing::info!(?recipients, "a mail would have been sent; mail.transport is log");
                Ok(())
            }
        }
    }
}

fn smtp_transport(config: &SmtpConfig) -> Result<AsyncSmtpTransport<Tokio1Executor>, ConfigError> {
    let parameters = || {
        TlsParameters::new(config.host.clone())
            .map_err(|error| ConfigError(format!("mail.host {}: {error}", config.host)))
    };
    let tls = match config.tls {
        SmtpTls::None => Tls::None,
        SmtpTls::StartTls => Tls::Required(parameters()?),
        SmtpTls::Implicit => Tls::Wrapper(parameters()?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
        .port(config.port)
        .tls(tls)
        .timeout(Some(STEP_TIMEOUT));
    if let Some((username, password)) = &config.credentials {
        builder = builder.credentials(Credentials::new(username.clone(), password.as_str().to_owned()));
    }
    Ok(builder.build())
}

/// Mails hold codes: nobody but the owner reads them.
fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whole or not at all, so that whoever watches the directory never reads half a mail.
async fn write_file(directory: PathBuf, name: String, bytes: Vec<u8>) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(move || {
        make_private_directory(&directory)?;
        let partial = directory.join(format!(".{name}.partial"));
        let mut file = private_file(&partial)?;
        std::io::Write::write_all(&mut file, &bytes)?;
        file.sync_all()?;
        std::fs::rename(&partial, directory.join(name))?;
        Ok(())
    })
    .await?
}
