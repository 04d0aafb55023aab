//! What the process says about itself. Logs go to standard error; nothing secret
//! is ever given to them, and control characters from outside are escaped.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogConfig;

/// Starts logging for the whole process.
pub fn init(config: &LogConfig) {
    let filter = format!("{},{},salvo_core::server=warn", config.level, crate::store::LOG_FILTER);
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let written = if config.json {
        registry.with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr)).try_init()
    } else {
        registry.with(fmt::layer().with_writer(std::io::stderr).with_ansi(false)).try_init()
    };
    // A second initialisation only happens when several servers share a process, as in tests; the first one stands.
    drop(written);
}
