//! Pages as data: each type is one page with all that it shows, and knows its template.

mod account;
mod address;
mod agent;
mod client;
mod consent;
mod device;
mod error;
mod form_post;
mod input;
mod login;
mod logout;
mod passwords;
mod register;

pub use account::{
    AccountPage, ConsentShown, ConsentsSection, PasswordSection, ProfileSection, SessionShown, SessionsSection,
};
pub use address::AddressPage;
pub use client::{ClientShown, WebUrl};
pub use consent::{ConsentPage, ScopeShown};
pub use device::{DevicePage, DeviceState};
pub use error::{ErrorKind, ErrorPage};
pub use form_post::FormPostPage;
pub use input::{Input, Kind};
pub use login::{LoginPage, SelectAccountPage};
pub use logout::{LogoutPage, LogoutState};
pub use passwords::{ForgottenPage, ForgottenState, NewPasswordPage, NewPasswordState, TemporaryPasswordPage};
pub use register::RegisterPage;

use super::notice::Notice;

/// Where a form goes, and what proves that it is ours.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Its address.
    pub action: String,
    /// Sent along as `token`.
    pub token: String,
}

/// What stands in a field, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// What was typed before.
    pub value: String,
    /// What was wrong with that.
    pub notice: Option<Notice>,
}

/// Implements [`Page`](super::Page) for pages that load nothing.
macro_rules! plain_pages {
    ($($page:ident),+) => {$(
        impl $crate::pages::Page for $page<'_> {
            fn frame(&self) -> &$crate::pages::look::Frame<'_> {
                &self.frame
            }
        }
    )+};
}
use plain_pages;
