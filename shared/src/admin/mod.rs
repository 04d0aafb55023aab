//! What the admin API and its callers say to each other: requests and answers of `/admin/v1`, resource by resource.

mod api_keys;
mod audit;
mod clients;
mod keys;
mod mail;
mod page;
mod permission;
mod sessions;
mod settings;
mod stats;
mod transfer;
mod users;

pub use api_keys::{ApiKeyView, NewApiKeyRequest};
pub use audit::AuditEvent;
pub use clients::{ClientLifetimes, ClientMetadata, ClientView, RotateSecretRequest, SecretView};
pub use keys::{KeyRevocation, KeyView, RotateRequest, ScheduleRequest};
pub use mail::{MailRetry, MailTest, MailTestRequest, MailView};
pub use page::Page;
pub use permission::{Access, Permission, Resource, UnknownPermission};
pub use sessions::{FamilyView, RevokeSessionsRequest, RevokedSessions, SessionView};
pub use settings::{Change, Impact, Revision, SettingView, SettingsChange, SettingsView};
pub use stats::{HealthView, RateView, StatsView, TotalsView};
pub use transfer::{ImportReport, LineRefusal, UserLine};
pub use users::{NewUserRequest, PasswordAnswer, PasswordRequest, UserPatch, UserView};
